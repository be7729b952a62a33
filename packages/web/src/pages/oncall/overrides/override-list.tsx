import { useQuery } from '@tanstack/react-query'
import type { OnCallPlanAnswer, OverrideItem } from '@tidewatch/api/oncall.ts'
import { useState } from 'react'
import { problemOf } from '../../../data/client.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { overridesQuery, useRemoveOverride, useWriteOverride } from '../../../data/oncall.ts'
import { useMay } from '../../../data/session.ts'
import { Age } from '../../../ui/age.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Loaded, useTicking } from '../../../ui/loaded.tsx'
import { useToast } from '../../../ui/toasts.tsx'
import { spanName } from '../calendar/zoned.ts'
import { type PersonColours, PersonName } from '../person.tsx'

interface OverrideListProps {
  readonly plan: OnCallPlanAnswer
  readonly colours: PersonColours
  readonly onChange: (override: OverrideItem) => void
}

/** Who stands in for others, now and to come; past ones on request. */
export function OverrideList({ plan, colours, onChange }: OverrideListProps) {
  const overrides = toLoadable(useQuery({ ...overridesQuery, refetchInterval: 30_000 }))
  const nowMs = useTicking(30_000)
  const mayEdit = useMay('editor')
  const remove = useRemove()
  const [withPast, setWithPast] = useState(false)
  return (
    <section className="section" aria-label="Overrides">
      <div className="section-head">
        <h2>Who stands in</h2>
      </div>
      <Loaded of={overrides} what="overrides" height={60}>
        {(all) => {
          const past = all.filter(({ endMs }) => endMs <= nowMs)
          const shown = withPast ? all : all.filter(({ endMs }) => endMs > nowMs)
          return (
            <>
              {shown.length === 0 ? (
                <p className="second">
                  Nobody stands in for anybody.
                  {mayEdit && ' Choose a shift in the calendar, or draw over it, to change that.'}
                </p>
              ) : (
                <DataTable
                  name="Overrides"
                  columns={columns({ plan, colours, onChange, remove, mayEdit })}
                  rows={shown}
                  rowKey={({ id }) => id}
                />
              )}
              {past.length > 0 && (
                <button type="button" className="link small" onClick={() => setWithPast(!withPast)}>
                  {withPast ? 'Hide past ones' : `Show ${past.length} past`}
                </button>
              )}
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

/** At once, with Undo. */
function useRemove(): (override: OverrideItem) => void {
  const remove = useRemoveOverride()
  const write = useWriteOverride()
  const toast = useToast()
  const onError = (error: Error) => toast({ text: problemOf(error).what, tone: 'error' })
  return ({ id, schedule, person, startMs, endMs, note }) =>
    remove.mutate(id, {
      onSuccess: () =>
        toast({
          text: `${person} no longer stands in for ${schedule}.`,
          undo: () => write.mutate({ schedule, person, startMs, endMs, note }, { onError }),
        }),
      onError,
    })
}

interface ColumnParts extends OverrideListProps {
  readonly remove: (override: OverrideItem) => void
  readonly mayEdit: boolean
}

function columns({ plan, colours, onChange, remove, mayEdit }: ColumnParts): readonly Column<OverrideItem>[] {
  const zoneOf = (name: string): string => plan.schedules.find((one) => one.name === name)?.timeZone ?? 'UTC'
  return [
    {
      key: 'person',
      title: 'Who',
      sortBy: ({ person }) => person,
      cell: ({ person }) => <PersonName person={person} colours={colours} />,
    },
    {
      key: 'schedule',
      title: 'Schedule',
      sortBy: (one) => one.schedule,
      cell: (one) => <span className="break">{one.schedule}</span>,
    },
    {
      key: 'when',
      title: 'When',
      sortBy: ({ startMs }) => startMs,
      cell: (one) => (
        <div className="cell-lines">
          <span>{spanName(one, zoneOf(one.schedule))}</span>
          <span className="small third">{zoneOf(one.schedule)}</span>
        </div>
      ),
    },
    {
      key: 'note',
      title: 'Note',
      wideOnly: true,
      cell: (one) => (
        <div className="cell-lines">
          {one.note !== '' && <span className="break">{one.note}</span>}
          <span className="small third">
            by {one.createdBy}, <Age atMs={one.createdAtMs} />
          </span>
        </div>
      ),
    },
    {
      key: 'actions',
      title: 'Actions',
      titleHidden: true,
      numeric: true,
      cell: (one) => {
        const what = `${one.person} for ${one.schedule}, ${spanName(one, zoneOf(one.schedule))}`
        return mayEdit ? (
          <span className="oncall-tools">
            <button
              type="button"
              className="button little end"
              aria-label={`Change ${what}`}
              onClick={() => onChange(one)}
            >
              Change
            </button>
            <button type="button" className="button little" aria-label={`Remove ${what}`} onClick={() => remove(one)}>
              Remove
            </button>
          </span>
        ) : null
      },
    },
  ]
}
