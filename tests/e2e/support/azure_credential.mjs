// A process of its own, because MSAL decides by its environment once for all. Each line of the
// standard input is an order, { kind, args, scope, verify } in JSON; each is answered by a line.
import * as identity from '@azure/identity';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createInterface } from 'node:readline';

// With the keys that the issuer's own discovery document points to.
async function check(token, { authority, audience }) {
  const answer = await fetch(`${authority}/.well-known/openid-configuration`);
  const { issuer, jwks_uri: keys } = await answer.json();
  const options = { issuer, audience };
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), options);
  return payload;
}

async function get({ kind, args, scope, verify }) {
  const credential = new identity[kind](...args);
  const { token, expiresOnTimestamp } = await credential.getToken(scope);
  return { token, expiresOnTimestamp, claims: await check(token, verify) };
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await get(JSON.parse(line));
  } catch (error) {
    result = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(JSON.stringify(result) + '\n');
}
