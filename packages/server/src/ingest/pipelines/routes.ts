import { type pipelineTrial, pipelineTrialResult, pipelineTrial as trialSchema } from '@tidewatch/api/logs.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { z } from 'zod'
import { defineRoute, type Route } from '../../http/port.ts'
import { isLineSource } from './config.ts'
import { loadAlone } from './load.ts'
import { TrialObserver, tryPipeline, unknownSource } from './trial.ts'

const maxTrialMs = 5000

/** The playground: sees no file and no variable of this machine, whoever asks. */
export function pipelineRoutes({ clock }: { readonly clock: Clock }): readonly Route[] {
  return [
    defineRoute<unknown, unknown, z.output<typeof pipelineTrial>>({
      method: 'POST',
      path: '/api/tidewatch/v1/logs/pipelines/try',
      permission: 'view',
      errors: 'tidewatch',
      summary:
        'Runs sample lines through a pipeline and tells what comes out, where it would go and which steps failed',
      bodyKind: 'json',
      body: trialSchema,
      limits: { maxBytes: 2 << 20, maxInflatedBytes: 2 << 20 },
      response: pipelineTrialResult,
      async handle({ body: { text, format, sample, from }, signal }) {
        if (from !== undefined && !isLineSource(from)) throw unknownSource(from)
        const observer = new TrialObserver()
        const loaded = loadAlone(text, { format, clock, observer })
        return { body: await tryPipeline(loaded, sample, { observer, clock, signal, maxMs: maxTrialMs, from }) }
      },
    }),
  ]
}
