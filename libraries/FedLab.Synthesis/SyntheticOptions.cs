namespace FedLab.Synthesis;

/// <summary>
/// What the files contain besides the plain features: the planted faults of the specification, each on its own switch. The
/// identifier faults are on by default because every alignment must survive them; what would spoil a demonstration is off.
/// </summary>
public sealed record SyntheticOptions
{
    /// <summary>
    /// Invalid check characters (0.3 %), lower-case codes (0.5 %) and duplicate rows (0.2 %) in public-credit; a trailing space
    /// after the code (0.4 %) in supply-chain.
    /// </summary>
    public bool IdentifierFaults { get; init; } = true;

    /// <summary>The leaking column <c>collection_flag</c> in the banks' files, after the features.</summary>
    public bool LeakageColumn { get; init; }

    /// <summary>Missing values of the supply-chain file as −999 (not available) and −1 (not applicable).</summary>
    public bool SpecialCodes { get; init; }

    /// <summary>Bank-b's own column names, money in 万元, key column CUST_USCC: for tests of a mapping between banks.</summary>
    public bool OwnSchemaOfBankB { get; init; }

    /// <summary>A column <c>obs_date</c> (end of the observation quarter, yyyy-MM-dd) after the key in the banks' files.</summary>
    public bool ObservationDate { get; init; }

    /// <summary>A UTF-8 byte order mark at the start, as spreadsheet programs in China expect it.</summary>
    public bool ByteOrderMark { get; init; }

    /// <summary>Threads that make rows; the bytes do not depend on it. 0 = one a processor.</summary>
    public int DegreeOfParallelism { get; init; }
}
