// Prints what the TextMate grammar makes of files: FILE LINE and a letter for each byte of the line, a blank where it has no class.
//
//   node textmate.js NODE_MODULES GRAMMAR <LIST_OF_FILES
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, grammarPath] = process.argv.slice(2);
const textmate = require(path.resolve(modules, 'vscode-textmate'));
const oniguruma = require(path.resolve(modules, 'vscode-oniguruma'));

// By the beginning of the innermost scope.
const letters = [
  ['keyword.control', 'k'], ['storage.type', 'k'], ['constant.language', 'v'], ['constant.numeric.address', 'a'], ['constant.numeric', 'n'],
  ['keyword.other.unit', 'u'], ['string', 's'], ['constant.character.escape', 'e'], ['punctuation.section.embedded', 'h'],
  ['comment.line.documentation', 'd'], ['comment', 'c'], ['keyword.operator', 'o'], ['punctuation', 'o'],
  ['entity.name', 'i'], ['variable', 'i'], ['invalid', 'b'],
  ['meta.embedded', ' '], ['source', ' '],
];

function letterOf(scope) {
  const entry = letters.find(([beginning]) => scope === beginning || scope.startsWith(beginning + '.'));
  return entry ? entry[1] : '?';
}

// The grammar counts in UTF-16, the scanner in bytes.
function lineClasses(text, tokens) {
  return tokens.map(({ startIndex, endIndex, scopes }) =>
    letterOf(scopes[scopes.length - 1]).repeat(Buffer.byteLength(text.slice(startIndex, endIndex)))).join('');
}

async function main() {
  const wasm = fs.readFileSync(path.resolve(modules, 'vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(grammarPath, 'utf8'), grammarPath),
  });
  const grammar = await registry.loadGrammar('source.phx');
  const out = [];
  for (const file of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    let state = textmate.INITIAL;
    fs.readFileSync(file, 'utf8').split('\n').forEach((line, index) => {
      const text = line.replace(/\r$/, '');
      const result = grammar.tokenizeLine(text, state);
      state = result.ruleStack;
      out.push(`${file} ${index + 1} ${lineClasses(text, result.tokens)}\n`);
    });
  }
  fs.writeSync(1, out.join(''));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
