// Every ready pack of rules.
import { availability } from './availability.ts'
import { contracts } from './contracts.ts'
import { database } from './database.ts'
import { http } from './http.ts'
import { indexer } from './indexer.ts'
import { logVolume } from './log-volume.ts'
import { oracle } from './oracle.ts'
import type { RulePack } from './pack.ts'
import { protocol } from './protocol.ts'

export const rulePacks: readonly RulePack[] = [
  availability,
  contracts,
  database,
  http,
  indexer,
  logVolume,
  oracle,
  protocol,
]
