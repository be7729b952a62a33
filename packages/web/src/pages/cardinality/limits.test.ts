import type { CountedJob } from '@tidewatch/api/cardinality.ts'
import { expect, it } from 'vitest'
import { limitState, limitsOf } from './limits.ts'

const job: CountedJob = {
  ...{ job: 'api', series: 900, active: 850, targets: 2, largestTarget: { instance: 'a:1', active: 450 } },
  ...{ labels: 7, labelNameLength: 12, labelValueLength: 90 },
}

it('holds the largest target and the longest labels against the limits that there are', () => {
  const limits = { samples: 500, labels: 0, labelNameLength: 200, labelValueLength: 90 }
  const uses = limitsOf({ ...job, limits })
  expect(uses.map((use) => `${use.name} ${use.used}/${use.limit} ${limitState(use)}`)).toEqual([
    'sample_limit 450/500 warning',
    'label_name_length_limit 12/200 fine',
    'label_value_length_limit 90/90 critical',
  ])
})

it('knows no limits of what is pushed', () => {
  expect(limitsOf(job)).toEqual([])
})
