/** One record of a file, or what is wrong with it. */
export interface ScannedRow {
	/** 1-based among the file's records. */
	readonly row: number;
	/** 1-based line on which it begins. */
	readonly line: number;
	/** Fields of a delimited file. */
	readonly fields: readonly (string | null)[];
	/** The JSON text of a document; absent for delimited files. */
	readonly document?: string;
	/** The JSON texts of an object's members. */
	readonly members?: ReadonlyMap<string, string>;
	/** Why the record could not be read. */
	readonly error?: string;
	/** 1-based position of the error in the record. */
	readonly character?: number;
}
