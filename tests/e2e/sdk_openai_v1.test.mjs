// OpenAI of the npm package: baseURL = the gateway's v1 surface, the key as a bearer token.
import { OpenAI } from 'openai';

import { tellSdkStory } from './support/sdk_story.mjs';
import { gatewayKey } from './support/stage.mjs';

tellSdkStory((gateway) => {
  const baseURL = `${gateway.url}/openai/v1`;
  const client = new OpenAI({ baseURL, apiKey: gatewayKey, maxRetries: 0 });
  return { chat: client, responses: client };
});
