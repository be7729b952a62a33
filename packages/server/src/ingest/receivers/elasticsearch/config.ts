// `elasticsearch` of tidewatch.yml: what we say that we are.
import { z } from 'zod'
import { defineConfigSection } from '../../../config/port.ts'
import type { ElasticsearchSettings } from './questions.ts'

/** Beats refuse servers that are older than they are unless told otherwise, so the last of version 8; clients of 9 ask for no version. */
const defaultVersion = '8.19.0'

export const elasticsearchSection = defineConfigSection<ElasticsearchSettings>({
  key: 'elasticsearch',
  schema: z
    .strictObject({
      version: z
        .string()
        .regex(/^[6-9]\.\d{1,3}\.\d{1,3}$/, 'not a version such as 8.19.0.')
        .default(defaultVersion),
      destructive_requires_name: z.boolean().default(true),
    })
    .prefault({}),
})
