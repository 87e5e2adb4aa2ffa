'use strict';
// `inspector/promises`: as `inspector`, with sessions whose answers are promises.

const inspector = require('inspector');

class Session extends inspector.Session {
  post(method, params) {
    return new Promise((resolve, reject) => {
      super.post(method, params, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }
}

for (const name of Object.keys(inspector)) {
  Object.defineProperty(module.exports, name, Object.getOwnPropertyDescriptor(inspector, name));
}
module.exports.Session = Session;
