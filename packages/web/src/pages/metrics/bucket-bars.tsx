import type { HistogramPair } from '@tidewatch/api/prometheus.ts'
import { bucketText } from '../../charts/heat-map.tsx'
import { formatNumber, type Unit } from '../../ui/units.ts'
import './explain.css'

interface BucketBarsProps {
  readonly histogram: HistogramPair[1]
  readonly unit: Unit
}

const maxBars = 40
const boundOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

/** A native histogram at one moment: a bar a bucket, the fullest as long as there is room. */
export function BucketBars({ histogram, unit }: BucketBarsProps) {
  const buckets = histogram.buckets ?? []
  const most = Math.max(0, ...buckets.map(([, , , count]) => Number(count)))
  return (
    <details className="bucket-bars small">
      <summary>{buckets.length} buckets</summary>
      <ul aria-label="Buckets">
        {buckets.slice(0, maxBars).map(([, lower, upper, count]) => (
          <li key={`${lower} ${upper}`} className="bucket">
            <span className="third nowrap">{bucketText({ lower: boundOf(lower), upper: boundOf(upper) }, unit)}</span>
            <span className="bar-track" aria-hidden>
              <span className="bar-fill" style={{ width: `${most > 0 ? (Number(count) / most) * 100 : 0}%` }} />
            </span>
            <span className="nowrap">{formatNumber(Number(count))}</span>
          </li>
        ))}
      </ul>
      {buckets.length > maxBars && <p className="third">{buckets.length - maxBars} more above</p>}
    </details>
  )
}
