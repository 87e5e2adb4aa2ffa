'use strict';
// What the programs of programs.txt print stacks with.
globalThis.caught = function caught(f) {
  try {
    f();
    console.log('nothing was thrown');
  } catch (error) {
    console.log(error.stack);
  }
};
