// Counting over all series: what stands in the index, as it is. Main thread only.
import { type HeadMemory, openTip, tipAddress } from './memory.ts'
import type { SeriesSurvey } from './port.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { HeadSeriesIndex } from './series-index.ts'
import type { TimeSlots } from './slots.ts'

interface SurveyParts {
  readonly memory: HeadMemory
  readonly columns: SeriesColumns
  readonly index: HeadSeriesIndex
  readonly slots: TimeSlots
}

export function createSeriesSurvey({ memory, columns, index, slots }: SurveyParts): SeriesSurvey {
  return {
    names: (project) => index.postings(project),
    get end() {
      return index.end
    },
    firstMs: (ref) =>
      memory.histogramTips[ref] === 0
        ? columns.firstMs[ref]
        : Math.min(columns.firstMs[ref], columns.histogramFirstMs[ref]),
    lastMs: (ref) => index.lastMs(ref),
    chunks(ref) {
      const { u32 } = memory.samples
      let chunk = memory.tips[ref]
      if (chunk === 0 || ((chunk & openTip) === 0 && memory.tipSlots[ref] < slots.begin)) return 0
      for (let count = 1; ; count++) {
        const at = chunk & tipAddress
        chunk = u32[at * 2]
        // what lies before the window is another chunk's memory by now
        if (chunk === 0 || u32[at * 2 + 1] < slots.begin) return count
      }
    },
  }
}
