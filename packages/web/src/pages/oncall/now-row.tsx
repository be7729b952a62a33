import type { OnCallNow, ShiftItem } from '@tidewatch/api/oncall.ts'
import { Ahead } from '../../ui/age.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { momentName } from './calendar/zoned.ts'
import { type PersonColours, PersonName } from './person.tsx'
import '../../ui/stat.css'

/** `GET /oncall/now` looks so far ahead; a shift that ends there has no end in sight. */
const aheadMs = 60 * 86_400_000

/** Of each schedule who it is now, until when, and who comes next. */
export function NowRow({ now, colours }: { readonly now: OnCallNow; readonly colours: PersonColours }) {
  return (
    <div className="stats oncall-now">
      <h2 className="hidden-text">On call now</h2>
      {now.schedules.map(({ schedule, timeZone, now: shift, next }) => (
        <section key={schedule} className="stat" aria-label={`On call for ${schedule}`}>
          <h3 className="second break">{schedule}</h3>
          <p className="stat-value oncall-person">
            {shift.person === null && <Glyph state="warning" />}
            <PersonName person={shift.person} colours={colours} />
          </p>
          <p className="small third">{untilText(shift, { atMs: now.atMs, timeZone })}</p>
          <p className="small second">
            {next === null ? (
              'nobody else within 60 days'
            ) : (
              <>
                then {next.person ?? 'nobody'}, <Ahead atMs={next.startMs} />
              </>
            )}
          </p>
        </section>
      ))}
    </div>
  )
}

function untilText(shift: ShiftItem, { atMs, timeZone }: { readonly atMs: number; readonly timeZone: string }): string {
  const why = shift.override === null ? '' : ', stands in'
  if (shift.endMs >= atMs + aheadMs) return `for the next 60 days${why}`
  return `until ${momentName(shift.endMs, timeZone)} ${timeZone}${why}`
}
