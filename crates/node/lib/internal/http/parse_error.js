'use strict';
// What errors of messages that cannot be parsed tell: where in the piece that came last the parser stopped.

// The connection's end is in no piece.
function addPlace(error, code, reason, parsed, packet) {
  error.bytesParsed = parsed;
  error.code = code;
  error.reason = reason;
  if (code !== 'HPE_INVALID_EOF_STATE') error.rawPacket = Buffer.from(packet);
}

module.exports = { addPlace };
