import { join } from 'node:path'

/** The folder of Logstash's cases, which are not part of the repository. */
export const conformanceDir = join(
  process.env.CONFORMANCE_DIR ?? join(import.meta.dirname, '../../../../../shared/conformance'),
  'logstash',
)
