/** Works on several tasks at once and gives their results in the tasks' order. Rejects with the first failure. */
export async function* inOrder<Task, Result>(
  tasks: readonly Task[],
  atOnce: number,
  work: (task: Task) => Promise<Result>,
): AsyncGenerator<{ readonly task: Task; readonly result: Result }> {
  const running: Promise<Result>[] = []
  let begun = 0
  try {
    for (const task of tasks) {
      for (; begun < tasks.length && running.length < atOnce; begun++) running.push(work(tasks[begun] as Task))
      const result = await (running.shift() as Promise<Result>)
      yield { task, result }
    }
  } finally {
    // those that nobody waits for any more
    for (const rest of running) rest.catch(() => undefined)
  }
}
