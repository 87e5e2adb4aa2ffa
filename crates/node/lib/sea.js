'use strict';
// `node:sea`: this is no application in a single file, so there are no assets.

const { genericNodeError } = require('internal/errors');

function noApplication() {
  throw genericNodeError('Operation cannot be invoked when not in a single-executable application',
                         { code: 'ERR_NOT_IN_SINGLE_EXECUTABLE_APPLICATION' });
}

module.exports = {
  isSea: () => false,
  getAsset(key, encoding) { return noApplication(key, encoding); },
  getRawAsset(key) { return noApplication(key); },
  getAssetAsBlob(key, options) { return noApplication(key, options); },
  getAssetKeys() { return noApplication(); },
};
