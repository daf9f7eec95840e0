import type { SecretCheck, SecretFinding } from './secret-check';
import { singleLineProblem } from './value-text';

/** The values of an Azure identity's Secret. */
export interface AzureIdentityValues {
  readonly clientId: string;
  readonly tenantId: string;
}

type Finding = SecretFinding<keyof AzureIdentityValues>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const showIds = 'az identity show --name NAME --resource-group GROUP';

function idProblem(value: keyof AzureIdentityValues, text: string): Finding | undefined {
  const single = singleLineProblem(value, text);
  if (single || uuid.test(text)) return single;
  return { value, problem: 'the value is not a UUID', remedy: `copy ${value} from: ${showIds}` };
}

/** Checks the ids of an identity that may use an Azure storage account. */
export function checkAzureIdentity({
  clientId,
  tenantId,
}: AzureIdentityValues): SecretCheck<Finding['value']> {
  const problems = [idProblem('clientId', clientId), idProblem('tenantId', tenantId)].filter(
    (problem) => problem !== undefined,
  );
  if (problems.length === 0 && clientId.toLowerCase() === tenantId.toLowerCase()) {
    const remedy = `they are two ids of: ${showIds}`;
    problems.push({ value: 'tenantId', problem: 'the tenant id is the client id', remedy });
  }
  return { problems, warnings: [] };
}
