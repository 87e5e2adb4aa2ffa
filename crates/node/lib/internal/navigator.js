'use strict';
// `navigator`.

class Navigator {
  get hardwareConcurrency() {
    return internalBinding('process').availableParallelism();
  }

  get language() {
    return 'en-US';
  }

  get languages() {
    return Object.freeze(['en-US']);
  }

  get platform() {
    return process.platform === 'linux' ? `linux` : process.platform;
  }

  get userAgent() {
    return `Node.js/${process.versions.node.split('.')[0]}`;
  }
}

module.exports = { navigator: new Navigator(), Navigator };
