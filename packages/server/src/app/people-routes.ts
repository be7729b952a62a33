// Routes of acknowledgements, on-call and drills.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { OpenAcknowledgements } from '../alerting/acknowledge/acknowledge.ts'
import type { AcknowledgeLinks } from '../alerting/acknowledge/links.ts'
import { createReplyRoutes, type ReplySecrets } from '../alerting/acknowledge/replies.ts'
import { createAcknowledgeRoutes } from '../alerting/acknowledge/routes.ts'
import type { Drills } from '../features/drill/drills.ts'
import type { Heartbeat } from '../features/drill/heartbeat.ts'
import { drillRoutes } from '../features/drill/routes.ts'
import type { DrillRows } from '../features/drill/state.ts'
import type { OnCall } from '../features/oncall/oncall.ts'
import { onCallRoutes } from '../features/oncall/routes.ts'
import type { AuditLog, Route } from '../http/port.ts'

export interface PeopleRouteParts {
  readonly acknowledgements: OpenAcknowledgements
  readonly links: AcknowledgeLinks
  readonly onCall: OnCall
  readonly drills: Drills
  readonly rows: DrillRows
  readonly heartbeat: Heartbeat
  readonly secrets: () => ReplySecrets
}

export function peopleRoutes(
  parts: () => PeopleRouteParts,
  {
    audit,
    clock,
    externalUrl,
  }: { readonly audit: AuditLog; readonly clock: Clock; readonly externalUrl: () => string },
): readonly Route[] {
  const acknowledgements = (): OpenAcknowledgements => parts().acknowledgements
  const links = (): AcknowledgeLinks => parts().links
  const onCall = (): OnCall => parts().onCall
  return [
    ...createAcknowledgeRoutes({ acknowledgements, links }),
    ...createReplyRoutes({
      ...{ acknowledgements, links, people: onCall, secrets: () => parts().secrets(), clock, externalUrl },
    }),
    ...onCallRoutes(onCall, audit),
    ...drillRoutes({
      drills: () => parts().drills,
      rows: () => parts().rows,
      heartbeat: () => parts().heartbeat.status(),
      audit,
    }),
  ]
}
