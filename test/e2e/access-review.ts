import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";

/** What an account may be asked about: `configmaps`, `configmaps/NAME`, `batch/jobs/NAME`, `pods/NAME/exec`. */
export interface Thing {
  readonly group?: string;
  readonly resource: string;
  readonly name?: string;
  readonly subresource?: string;
}

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"] as const;

/**
 * Asks the API server, as `kubectl auth can-i --as` does, about every verb on every thing.
 *
 * @param account a service account of `namespace`, or `NAMESPACE:NAME` of another one
 * @returns what is allowed, as `VERB RESOURCE/NAME`
 */
export async function allowed(namespace: Namespace, account: string, things: readonly Thing[]): Promise<string[]> {
  const questions = things.flatMap((thing) => verbs.map((verb) => ({ verb, ...thing })));
  const reviews = questions.map((question) => review(namespace.name, account, question));
  const answers = await answersTo(namespace, reviews);
  return questions.flatMap(({ verb, resource, name, subresource }, index) => {
    const words = [resource, name, subresource].filter((part) => part !== undefined).join("/");
    return answers[index] ? [`${verb} ${words}`] : [];
  });
}

function review(namespace: string, account: string, resourceAttributes: object): object {
  const [home = "", name = ""] = account.includes(":") ? account.split(":") : [namespace, account];
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${home}`, "system:authenticated"];
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: `system:serviceaccount:${home}:${name}`,
      groups,
      resourceAttributes: { namespace, ...resourceAttributes },
    },
  };
}

/** Which of the reviews are answered with yes. */
async function answersTo({ cluster }: Namespace, items: readonly object[]): Promise<boolean[]> {
  const flags = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
  const command = ["create", "--filename", "-", "--output", 'jsonpath={.status.allowed}{"\\n"}'];
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const { stdout } = await execa(cluster.kubectl, [...flags, ...command], { input });
  const answers = stdout.split("\n").map((answer) => answer === "true");
  if (answers.length !== items.length) throw new Error(`${items.length} questions got ${answers.length} answers`);
  return answers;
}
