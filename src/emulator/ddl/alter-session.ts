import type { Statement } from "../../parse/statement.ts";
import { compilationError } from "../account/errors.ts";
import {
	accountObject,
	ownParameters,
	PARAMETERS,
	parameterValue,
	setSessionParameter,
} from "../account/parameters.ts";
import { unsupported } from "../error.ts";
import { takeProperties } from "../load/property-list.ts";
import type { Context, Result } from "../types.ts";
import { statusResult } from "./result.ts";
import { valueText } from "./settings.ts";
import { requireEnd, unexpectedAt } from "./shared.ts";

type AlterStatement = Statement & { verb: "ALTER" };

/** `ALTER SESSION SET|UNSET`. */
export async function alterSession(context: Context, statement: AlterStatement): Promise<Result> {
	const rest = statement.rest();
	rest.expect("SESSION");
	if (rest.take("SET")) {
		const properties = takeProperties(rest);
		requireEnd(rest);
		for (const property of properties)
			setSessionParameter(context, property.name, valueText(property));
		return statusResult();
	}
	if (!rest.take("UNSET")) throw unexpectedAt(rest);
	do context.session.parameters.delete(rest.expectIdentifier());
	while (rest.take(","));
	requireEnd(rest);
	return statusResult();
}

/** `ALTER ACCOUNT SET|UNSET` of parameters. */
export async function alterAccount(context: Context, statement: AlterStatement): Promise<Result> {
	const rest = statement.rest();
	rest.expect("ACCOUNT");
	const account = accountObject(context);
	if (!account) throw unsupported("ALTER ACCOUNT before the account is set up");
	const parameters: Record<string, string> = { ...ownParameters(account) };
	const known = (name: string) => {
		const parameter = PARAMETERS.find((candidate) => candidate.name === name);
		if (!parameter) throw unsupported(`account parameter ${name}`);
		return parameter;
	};
	if (rest.take("SET")) {
		for (const property of takeProperties(rest))
			parameters[property.name] = parameterValue(known(property.name), valueText(property));
	} else if (rest.take("UNSET")) {
		do delete parameters[known(rest.expectIdentifier()).name];
		while (rest.take(","));
	} else throw unexpectedAt(rest);
	requireEnd(rest);
	if (context.session.role !== "ACCOUNTADMIN")
		throw compilationError("003001", "42501", "Insufficient privileges to operate on account");
	await context.catalog.update({ ...account, properties: { ...account.properties, parameters } });
	return statusResult();
}
