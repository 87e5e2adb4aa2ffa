const b = new ArrayBuffer(8, { maxByteLength: 64 }); const u = new Uint8Array(b); b.resize(32); u[20] = 5; const t = b.transfer(4); [u, t, new DataView(t).getInt16(0)].slice(0, 2)
