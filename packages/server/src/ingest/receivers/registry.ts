import type { ReceiverDefinition } from '../port.ts'
import { remoteWrite } from './remote-write.ts'

/** Every protocol that clients push by. */
export const receivers: readonly ReceiverDefinition[] = [remoteWrite]
