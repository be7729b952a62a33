import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { labelValuesQuery } from '../../data/cardinality.ts'
import { toLoadable } from '../../data/loadable.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { formatNumber } from '../../ui/units.ts'
import { CountTable } from './tables.tsx'

/** The values of one label, those with the most series first. */
export function LabelValues({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const values = toLoadable(useQuery(labelValuesQuery(name)))
  const head = useRef<HTMLHeadingElement>(null)
  // it opens below what was clicked: whoever opened it by keyboard goes on there
  useEffect(() => head.current?.focus(), [])
  return (
    <section className="section" aria-label={`Values of ${name}`}>
      <div className="section-head">
        <h2 ref={head} tabIndex={-1} className="break">
          Values of <span className="mono">{name}</span>
        </h2>
        {values.data !== undefined && values.data.values > values.data.top.length && (
          <span className="third small">
            {values.data.top.length} of {formatNumber(values.data.values)}, with the most series
          </span>
        )}
        <button type="button" className="link small end" onClick={onClose}>
          Close
        </button>
      </div>
      <Loaded
        of={values}
        what="values"
        height={200}
        isEmpty={({ values: count }) => count === 0}
        empty={<p className="second">No series has this label now.</p>}
      >
        {({ top }) => <CountTable name={`Values of ${name}`} title="Value" countTitle="Series" rows={top} />}
      </Loaded>
    </section>
  )
}
