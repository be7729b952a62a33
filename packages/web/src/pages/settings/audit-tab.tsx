import { useQuery } from '@tanstack/react-query'
import type { AuditEntry } from '@tidewatch/api/accounts.ts'
import { auditQuery } from '../../data/accounts.ts'
import { toLoadable } from '../../data/loadable.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatDay, formatSecond, type Zone } from '../../ui/times.ts'

/** Who changed what, the newest first. */
export function AuditTab() {
  const { zone } = usePreferences()
  const audit = toLoadable(useQuery(auditQuery))
  return (
    <section className="section">
      <Loaded
        of={audit}
        what="the audit log"
        height={240}
        isEmpty={(list) => list.length === 0}
        empty={<p className="third">Nothing was changed yet.</p>}
      >
        {(list) => <DataTable name="Audit log" columns={columns(zone)} rows={list} rowKey={(one) => one.id} />}
      </Loaded>
    </section>
  )
}

const columns = (zone: Zone): readonly Column<AuditEntry>[] => [
  {
    key: 'at',
    title: 'When',
    width: '150px',
    cell: (one) => <span className="nowrap">{`${formatDay(one.atMs, zone)} ${formatSecond(one.atMs, zone)}`}</span>,
  },
  { key: 'who', title: 'Who', width: '20%', cell: (one) => <span className="label break">{one.who}</span> },
  { key: 'action', title: 'Did', width: '20%', cell: (one) => <code className="break">{one.action}</code> },
  { key: 'subject', title: 'To', cell: (one) => <span className="break">{one.subject}</span> },
]
