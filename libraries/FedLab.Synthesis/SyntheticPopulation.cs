using System.Text;

namespace FedLab.Synthesis;

/// <summary>
/// A population of Chinese small enterprises with known overlaps, known truth and planted faults, seen by four institutions. It is a
/// function of its size and seed: nothing is stored, every file can be made again to the byte, on any number of threads.
/// <code>
/// enterprise i ──► factors F1..F5, industry, quarter, memberships
///      │
///      ├──► scores ──► bank-a columns, bank-b columns (other noise), public-credit columns, supply-chain columns
///      └──► η ──► p ──► default at bank-a, default at bank-b
/// </code>
/// </summary>
public sealed class SyntheticPopulation
{
    /// <summary>Fewest enterprises for which shares and labels still make sense.</summary>
    public const int MinimumEnterprises = 1_000;

    /// <summary>Most enterprises.</summary>
    public const int MaximumEnterprises = 5_000_000;

    private SyntheticPopulation(int enterprises, ulong seed)
    {
        EnterpriseCount = enterprises;
        Seed = seed;
    }

    /// <summary>Enterprises in the population; each institution knows a part of them.</summary>
    public int EnterpriseCount { get; }

    /// <summary>The seed that everything follows from.</summary>
    public ulong Seed { get; }

    /// <summary>The population of that size and seed.</summary>
    /// <param name="enterprises">1,000 to 5,000,000. The first n enterprises of a larger population are those of a smaller one.</param>
    /// <param name="seed">Any number; 20260101 is the population whose counts are published.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many enterprises.</exception>
    public static SyntheticPopulation Generate(int enterprises = 50_000, ulong seed = 20260101)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(enterprises, MinimumEnterprises);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(enterprises, MaximumEnterprises);
        return new SyntheticPopulation(enterprises, seed);
    }

    /// <summary>Writes an institution's file, gzipped if the path ends in ".gz". The file appears whole or not at all.</summary>
    /// <param name="institution">Whose file.</param>
    /// <param name="path">Where to; an existing file is replaced.</param>
    /// <param name="options">Faults and formats, null for the defaults.</param>
    /// <param name="cancellationToken">Stops and removes what was written.</param>
    public Task WriteCsvAsync(
        SyntheticInstitution institution, string path, SyntheticOptions? options = null, CancellationToken cancellationToken = default) =>
        SyntheticFile.WriteAsync(path, (stream, token) => WriteCsvAsync(institution, stream, options, token), cancellationToken);

    /// <summary>Writes an institution's rows as UTF-8 CSV with a header and LF line ends: key, features, label (banks).</summary>
    /// <param name="institution">Whose rows.</param>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="options">Faults and formats, null for the defaults.</param>
    /// <param name="cancellationToken">Stops between blocks of rows.</param>
    public async Task WriteCsvAsync(
        SyntheticInstitution institution, Stream stream, SyntheticOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(institution);
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new SyntheticOptions();
        var columns = FileColumns(institution, options);
        var header = Encoding.UTF8.GetBytes((options.ByteOrderMark ? "\uFEFF" : "") + Header(institution, options, columns) + "\n");
        await stream.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        var row = new InstitutionRows(institution, options, columns, RowOrder.Of(institution.RowOrder, EnterpriseCount));
        await ParallelRows.WriteAsync(stream, EnterpriseCount, options.DegreeOfParallelism, () => CreateEnterprise(institution), row.Append, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>An enterprise to load, from the point of view of an institution.</summary>
    internal Enterprise CreateEnterprise(SyntheticInstitution institution) =>
        new(Seed) { BankStreamOffset = institution == SyntheticInstitution.BankB ? Enterprise.BankBStreamOffset : 0 };

    private static List<SyntheticColumn> FileColumns(SyntheticInstitution institution, SyntheticOptions options)
    {
        var columns = institution.Columns;
        if (institution == SyntheticInstitution.BankB && options.OwnSchemaOfBankB) columns = BankColumns.BankBOwn;
        if (institution == SyntheticInstitution.SupplyChain && options.SpecialCodes) columns = SupplyChainColumns.WithSpecialCodes;
        List<SyntheticColumn> result = [.. columns];
        if (institution.LabelColumn is null) return result;
        if (options.LeakageColumn) result.Add(BankColumns.CollectionFlag);
        result.Add(BankColumns.Label);
        return result;
    }

    private static string Header(SyntheticInstitution institution, SyntheticOptions options, List<SyntheticColumn> columns)
    {
        List<string> names = [institution == SyntheticInstitution.BankB && options.OwnSchemaOfBankB ? "CUST_USCC" : SyntheticInstitution.KeyColumn];
        if (options.ObservationDate && institution.LabelColumn is not null) names.Add("obs_date");
        names.AddRange(columns.Select(c => c.Name));
        return string.Join(',', names);
    }
}
