// Checks AsyncAPI documents with the parser of the AsyncAPI Initiative.
//
//   node lint.mjs [DOCUMENT...]     (default: spec/asyncapi.yaml of this repository)
//
// Prints every diagnostic as file:line:column and exits with 1 if there is an error, or a diagnostic
// that is not explained below; with 2 if a document cannot be read.
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';

// Rules whose findings are accepted below the severity of an error, each with its reason.
const explained = new Map([
  ['asyncapi-latest-version', 'The documents are of 3.0.0, which is the version that tools support.'],
]);

const severities = ['error', 'warning', 'info', 'hint'];
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const documents = process.argv.length > 2 ? process.argv.slice(2) : [resolve(root, 'spec/asyncapi.yaml')];

let failed = false;
for (const document of documents) {
  failed = (await lint(resolve(document))) || failed;
}
process.exit(failed ? 1 : 0);

async function lint(source) {
  const { document, diagnostics } = await new Parser().parse(await read(source), { source });
  let bad = document === undefined;
  for (const diagnostic of diagnostics) {
    const reason = diagnostic.severity > 0 ? explained.get(diagnostic.code) : undefined;
    bad = bad || reason === undefined;
    print(source, diagnostic, reason);
  }
  console.log(`${show(source)}: ${bad ? 'not valid' : 'valid'}`);
  return bad;
}

function print(source, diagnostic, reason) {
  const { line, character } = diagnostic.range.start;
  const place = `${show(diagnostic.source ?? source)}:${line + 1}:${character + 1}`;
  const path = diagnostic.path.length > 0 ? ` at ${diagnostic.path.join('.')}` : '';
  console.log(`${place}: ${severities[diagnostic.severity]}: ${diagnostic.message} (${diagnostic.code}${path})`);
  if (reason !== undefined) {
    console.log(`    accepted: ${reason}`);
  }
}

async function read(source) {
  try {
    return await readFile(source, 'utf8');
  } catch (error) {
    console.error(`${show(source)}: ${error.message}`);
    process.exit(2);
  }
}

function show(file) {
  return relative(process.cwd(), file);
}
