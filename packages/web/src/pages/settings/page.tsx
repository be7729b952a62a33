import { useQuery } from '@tanstack/react-query'
import { searchText } from '../../data/search.ts'
import { sessionQuery, useMay } from '../../data/session.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { TabRow } from '../../ui/tab-row.tsx'
import { AccountTab } from './account-tab.tsx'
import { AuditTab } from './audit-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'
import { UsersTab } from './users-tab.tsx'
import './settings.css'

const tabs = [
  { id: 'account', title: 'Account', admin: false, Content: AccountTab },
  { id: 'tokens', title: 'API tokens', admin: false, Content: TokensTab },
  { id: 'keys', title: 'Ingest keys', admin: true, Content: KeysTab },
  { id: 'users', title: 'Users', admin: true, Content: UsersTab },
  { id: 'audit', title: 'Audit log', admin: true, Content: AuditTab },
] as const

/** One's own account, and who and what else may come in. */
export function Page() {
  const chosen = searchText(usePageSearch(), 'tab')
  const setSearch = useSetSearch()
  const isAdmin = useMay('admin')
  const { data: session } = useQuery(sessionQuery)
  const tab = tabs.find(({ id }) => id === chosen) ?? tabs[0]
  const { Content } = tab
  return (
    <>
      <div className="page-head">
        <h1>Settings</h1>
      </div>
      {session?.authRequired === false && (
        <ProblemBox
          tone="info"
          problem={{
            what: 'Signing in is off.',
            where: 'Whoever reaches this address may do everything',
            fix: 'Start without --no-auth to change that',
          }}
        />
      )}
      <div className="tab-row settings-tabs">
        <TabRow
          name="Settings"
          tabs={tabs}
          active={tab.id}
          onChoose={(id) => setSearch({ tab: id === 'account' ? undefined : id })}
        />
      </div>
      {tab.admin && !isAdmin ? (
        <ProblemBox
          tone="info"
          problem={{
            what: `${tab.title} need the role Administrator.`,
            where: `You are ${session?.user.role ?? 'not signed in'}`,
            fix: 'An administrator can give it to you in Users',
          }}
        />
      ) : (
        <Content />
      )}
    </>
  )
}
