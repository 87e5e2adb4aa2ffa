'use strict';
// `http2`: its constants and default settings are there, the protocol is not.

const { constants } = require('internal/http2_constants');
const { unavailable } = require('internal/unavailable');

const kWhy = 'this runtime speaks HTTP/1 only';

function getDefaultSettings() {
  return {
    __proto__: null,
    headerTableSize: constants.DEFAULT_SETTINGS_HEADER_TABLE_SIZE,
    enablePush: constants.DEFAULT_SETTINGS_ENABLE_PUSH === 1,
    initialWindowSize: constants.DEFAULT_SETTINGS_INITIAL_WINDOW_SIZE,
    maxFrameSize: constants.DEFAULT_SETTINGS_MAX_FRAME_SIZE,
    maxConcurrentStreams: constants.DEFAULT_SETTINGS_MAX_CONCURRENT_STREAMS,
    maxHeaderSize: constants.DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE,
    maxHeaderListSize: constants.DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE,
    enableConnectProtocol: constants.DEFAULT_SETTINGS_ENABLE_CONNECT_PROTOCOL === 1,
  };
}

module.exports = {
  connect: unavailable('connect', kWhy),
  constants,
  createServer: unavailable('createServer', kWhy),
  createSecureServer: unavailable('createSecureServer', kWhy),
  getDefaultSettings,
  getPackedSettings: unavailable('getPackedSettings', kWhy),
  getUnpackedSettings: unavailable('getUnpackedSettings', kWhy),
  performServerHandshake: unavailable('performServerHandshake', kWhy),
  sensitiveHeaders: Symbol('sensitiveHeaders'),
  Http2ServerRequest: unavailable('Http2ServerRequest', kWhy),
  Http2ServerResponse: unavailable('Http2ServerResponse', kWhy),
};
