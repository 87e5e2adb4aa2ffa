'use strict';
// Functions of stream that give promises.

const { finished } = require('internal/streams/end_of_stream');
const { pipelinePromise } = require('internal/streams/pipeline');

module.exports = { finished, pipeline: pipelinePromise };
