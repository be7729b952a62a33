import { defineRoute, type Route } from '../../http/port.ts'
import { defineReceiver, type SampleReceiverParts } from '../port.ts'
import { type PushBody, pushBody, valuesOf } from './push/body.ts'
import { ValueStore, type ValueStoreParts } from './push/store.ts'

const maxBytes = 4 << 20

/** Values by hand: one, a named group, or a list, in plain JSON. All of them are taken or none; 200 says that they are safe. */
export const push = defineReceiver({
  kind: 'push',
  title: 'JSON push',
  routes(parts: ValueStoreParts & Pick<SampleReceiverParts, 'clock'>): readonly Route[] {
    const store = new ValueStore(parts)
    return [
      defineRoute<unknown, unknown, PushBody>({
        method: 'POST',
        path: '/api/tidewatch/v1/push',
        permission: 'ingest',
        errors: 'tidewatch',
        summary: 'Takes single values, or a named group of them at once',
        body: pushBody,
        limits: { maxBytes, maxInflatedBytes: maxBytes },
        async handle({ body, identity }) {
          const values = valuesOf(body, parts.clock.nowMs())
          await store.store(identity.project, values)
          return { body: { accepted: values.length } }
        },
      }),
    ]
  },
})
