'use strict';
// Resident memory of a process and of all that it started.

const fs = require('node:fs');

const PAGE = 4096;

/** Its own pages, and its part of those that it shares. */
function sharesOf(pid) {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  return Number(/^Pss: +(\d+)/m.exec(text)[1]) * 1024;
}

/**
 * Bytes. `resident` counts pages that several of them share once for each, which is more than they take;
 * `shared` counts them once, and is `null` where the system does not let them be looked into. Both are 0 where the process is gone.
 */
function memoryOf(pid) {
  let resident = 0;
  let shared = 0;
  const open = [pid];
  while (open.length) {
    const one = open.pop();
    try {
      resident += Number(fs.readFileSync(`/proc/${one}/statm`, 'latin1').split(' ')[1]) * PAGE;
      for (const task of fs.readdirSync(`/proc/${one}/task`)) {
        const children = fs.readFileSync(`/proc/${one}/task/${task}/children`, 'latin1');
        open.push(...children.split(' ').filter(Boolean).map(Number));
      }
      if (shared !== null) shared += sharesOf(one);
    } catch (error) {
      if (error.code === 'EACCES' || error.code === 'EPERM') shared = null;
      // Else it has just ended.
      else if (one === pid) return { resident: 0, shared: 0 };
    }
  }
  return { resident, shared };
}

module.exports = { memoryOf };
