'use strict';
// `http2.constants`: libraries take names of header fields, methods and codes from there.

const { STATUS_CODES } = require('http');

const kHeaders = 'accept-encoding accept-language accept-ranges accept access-control-allow-credentials ' +
  'access-control-allow-headers access-control-allow-methods access-control-allow-origin ' +
  'access-control-expose-headers access-control-request-headers access-control-request-method age authorization ' +
  'cache-control connection content-disposition content-encoding content-length content-type cookie date etag ' +
  'forwarded host if-modified-since if-none-match if-range last-modified link location range referer server ' +
  'set-cookie strict-transport-security transfer-encoding te upgrade-insecure-requests upgrade user-agent vary ' +
  'x-content-type-options x-frame-options keep-alive proxy-connection x-xss-protection alt-svc ' +
  'content-security-policy early-data expect-ct origin purpose timing-allow-origin x-forwarded-for priority ' +
  'accept-charset access-control-max-age allow content-language content-location content-md5 content-range dnt ' +
  'expect expires from if-match if-unmodified-since max-forwards prefer proxy-authenticate proxy-authorization ' +
  'refresh retry-after trailer tk via warning www-authenticate http2-settings';

const kMethods = 'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE ' +
  'MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH ' +
  'PUT REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL';

const kErrors = ['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT',
                 'STREAM_CLOSED', 'FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR',
                 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'];

const kStates = ['IDLE', 'OPEN', 'RESERVED_LOCAL', 'RESERVED_REMOTE', 'HALF_CLOSED_LOCAL', 'HALF_CLOSED_REMOTE', 'CLOSED'];

const kSettings = {
  HEADER_TABLE_SIZE: [1, 4096],
  ENABLE_PUSH: [2, 1],
  MAX_CONCURRENT_STREAMS: [3, 2 ** 32 - 1],
  INITIAL_WINDOW_SIZE: [4, 65535],
  MAX_FRAME_SIZE: [5, 16384],
  MAX_HEADER_LIST_SIZE: [6, 65535],
  ENABLE_CONNECT_PROTOCOL: [8, 0],
};

const upper = (name) => name.toUpperCase().replace(/[- ]/g, '_').replace(/[^A-Z0-9_]/g, '');

const constants = {
  NGHTTP2_ERR_FRAME_SIZE_ERROR: -522,
  NGHTTP2_SESSION_SERVER: 0,
  NGHTTP2_SESSION_CLIENT: 1,
  NGHTTP2_FLAG_NONE: 0,
  NGHTTP2_FLAG_END_STREAM: 1,
  NGHTTP2_FLAG_END_HEADERS: 4,
  NGHTTP2_FLAG_ACK: 1,
  NGHTTP2_FLAG_PADDED: 8,
  NGHTTP2_FLAG_PRIORITY: 32,
  NGHTTP2_DEFAULT_WEIGHT: 16,
  MAX_MAX_FRAME_SIZE: 2 ** 24 - 1,
  MIN_MAX_FRAME_SIZE: 2 ** 14,
  MAX_INITIAL_WINDOW_SIZE: 2 ** 31 - 1,
  PADDING_STRATEGY_NONE: 0,
  PADDING_STRATEGY_ALIGNED: 1,
  PADDING_STRATEGY_MAX: 2,
  PADDING_STRATEGY_CALLBACK: 1,
};
kStates.forEach((name, at) => { constants[`NGHTTP2_STREAM_STATE_${name}`] = at + 1; });
kErrors.forEach((name, code) => { constants[`NGHTTP2_${name}`] = code; });
for (const name of Object.keys(kSettings)) {
  [constants[`NGHTTP2_SETTINGS_${name}`], constants[`DEFAULT_SETTINGS_${name}`]] = kSettings[name];
}
for (const name of ['status', 'method', 'authority', 'scheme', 'path', 'protocol']) {
  constants[`HTTP2_HEADER_${upper(name)}`] = `:${name}`;
}
for (const name of kHeaders.split(' ')) constants[`HTTP2_HEADER_${upper(name)}`] = name;
for (const name of kMethods.split(' ')) constants[`HTTP2_METHOD_${upper(name)}`] = name;
for (const code of Object.keys(STATUS_CODES)) {
  constants[`HTTP_STATUS_${code === '418' ? 'TEAPOT' : upper(STATUS_CODES[code])}`] = +code;
}

module.exports = { constants };
