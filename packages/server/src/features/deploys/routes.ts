// Deploys over HTTP: what is known, and somebody who says that one began.
import {
  type DeploysQuery,
  deploy,
  deploys,
  deploysQuery,
  type PostedDeploy,
  postedDeploy,
} from '@tidewatch/api/deploys.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { defineRoute, type Identity, type Route } from '../../http/port.ts'
import type { Deploys } from './port.ts'

export interface DeployRouteParts {
  readonly deploys: Deploys
  readonly projectsOf: (identity: Identity) => readonly ProjectId[]
}

const path = '/api/tidewatch/v1/deploys'
const maxBytes = 16_384

export function createDeployRoutes(parts: DeployRouteParts): Route[] {
  return [
    defineRoute<unknown, DeploysQuery>({
      ...{ method: 'GET', path, permission: 'view', errors: 'tidewatch' },
      summary: 'When which release of a service began to run, the newest first',
      query: deploysQuery,
      response: deploys,
      handle: async ({ identity, query }) => ({
        body: { deploys: await parts.deploys.list(parts.projectsOf(identity), query) },
      }),
    }),
    defineRoute<unknown, unknown, PostedDeploy>({
      ...{ method: 'POST', path, permission: 'ingest', errors: 'tidewatch' },
      summary: 'A release of a service begins to run: from a deploy script or CI',
      body: postedDeploy,
      response: deploy,
      limits: { maxBytes, maxInflatedBytes: maxBytes },
      async handle({ identity, body }) {
        const { deploy: kept, isNew } = await parts.deploys.record(identity.project, body, identity.name)
        return { status: isNew ? 201 : 200, body: kept }
      },
    }),
  ]
}
