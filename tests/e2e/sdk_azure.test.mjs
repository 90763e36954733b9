// AzureOpenAI of the npm package: endpoint = the gateway, apiKey = a gateway key.
import { AzureOpenAI } from 'openai';

import { tellSdkStory } from './support/sdk_story.mjs';
import { gatewayKey } from './support/stage.mjs';

tellSdkStory((gateway) => {
  const client = (apiVersion) =>
    new AzureOpenAI({ endpoint: gateway.url, apiKey: gatewayKey, apiVersion, maxRetries: 0 });
  return { chat: client('2024-10-21'), responses: client('2025-03-01-preview') };
});
