// The pool that most tests stand on: a provisioned deployment first, two regions to spill to.
import { backendKey } from './stage.mjs';

const auth = { api_keys: [backendKey], accept_tokens: true };

export const regions = {
  endpoints: [
    {
      name: 'ptu',
      region: 'East US',
      auth,
      deployments: [{ name: 'gpt-4o-ptu' }, { name: 'embed', kind: 'embeddings' }],
    },
    {
      name: 'east',
      region: 'East US',
      auth,
      deployments: [{ name: 'gpt-4o' }, { name: 'embed', kind: 'embeddings' }],
    },
    {
      name: 'sweden',
      region: 'Sweden Central',
      auth,
      deployments: [{ name: 'gpt-4o' }, { name: 'embed', kind: 'embeddings' }],
    },
  ],
};

export function poolOf(simulator, { credential = { api_key: backendKey }, breaker } = {}) {
  const backend = (name, deployments) => ({
    name,
    url: simulator.url(name),
    credential: 'backend',
    deployments,
  });
  const same = { 'gpt-4o': 'gpt-4o', embed: 'embed' };
  return {
    credentials: [{ name: 'backend', ...credential }],
    backends: [
      backend('ptu', { 'gpt-4o': 'gpt-4o-ptu', embed: 'embed' }),
      backend('east', same),
      backend('sweden', same),
    ],
    pools: [
      {
        name: 'pool',
        members: [
          { backend: 'ptu', priority: 1 },
          { backend: 'east', priority: 2 },
          { backend: 'sweden', priority: 2 },
        ],
        ...(breaker ? { circuit_breaker: breaker } : {}),
      },
    ],
  };
}
