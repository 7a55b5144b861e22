import { ageText } from "../age-text.ts";
import { isRecord } from "../api/named-object.ts";
import { plainText } from "../ledger/plain-text.ts";
import type { CheckRow } from "./check-row.ts";

const name = "token";

/**
 * Describes a token by its claims, which only the API server can verify: whether it accepts the token is another row's
 * matter. A token of a Secret (a legacy one) has no expiry and no audience.
 */
export function tokenRow(token: string, nowMs: number): CheckRow {
  const claims = tokenClaims(token);
  if (!claims) return { name, result: "warn", detail: "not a JSON Web Token, so nothing is known about it" };
  const subject = `of ${text(claims["sub"]) ?? "an unknown subject"}`;
  const audience = [claims["aud"]]
    .flat()
    .map(text)
    .filter((one) => one !== undefined)
    .join(", ");
  const forAudience = audience ? `for ${audience}` : "for any audience";
  const expiresAt = claims["exp"];
  if (typeof expiresAt !== "number") {
    const detail = `${subject}, ${forAudience}, without an expiry: a legacy token of a Secret, which is worth replacing by a projected volume`;
    return { name, result: "warn", detail };
  }
  const leftMs = expiresAt * 1000 - nowMs;
  if (leftMs <= 0) {
    const detail = `${subject}, expired ${ageText(-leftMs)} ago: the kubelet renews only the token of a projected volume`;
    return { name, result: "fail", detail };
  }
  return { name, result: "ok", detail: `projected, ${subject}, ${forAudience}, expires in ${ageText(leftMs)}` };
}

function tokenClaims(token: string): Record<string, unknown> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? plainText(value, 256) || undefined : undefined;
}
