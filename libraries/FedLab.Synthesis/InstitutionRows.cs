namespace FedLab.Synthesis;

/// <summary>The rows of one institution, with the planted faults of its identifiers.</summary>
internal sealed class InstitutionRows(
    SyntheticInstitution institution, SyntheticOptions options, IReadOnlyList<SyntheticColumn> columns, RowOrder order)
{
    private static readonly byte[][] QuarterEnds =
    [
        "2023-03-31"u8.ToArray(), "2023-06-30"u8.ToArray(), "2023-09-30"u8.ToArray(), "2023-12-31"u8.ToArray(),
        "2024-03-31"u8.ToArray(), "2024-06-30"u8.ToArray(), "2024-09-30"u8.ToArray(), "2024-12-31"u8.ToArray(),
    ];

    private readonly bool _observationDate = options.ObservationDate && institution.LabelColumn is not null;
    private readonly bool _publicFaults = options.IdentifierFaults && institution == SyntheticInstitution.PublicCredit;
    private readonly bool _supplyChainFaults = options.IdentifierFaults && institution == SyntheticInstitution.SupplyChain;

    /// <summary>Appends the row of the enterprise at that position, none if the institution does not know it, two if it is duplicated.</summary>
    public void Append(Enterprise enterprise, int position, ByteRowBuffer rows)
    {
        enterprise.Load(order[position]);
        if (!institution.IsMember(enterprise)) return;
        var copies = _publicFaults && enterprise.Uniform(503) < .002 ? 2 : 1;
        for (var copy = 0; copy < copies; copy++) AppendRow(enterprise, rows);
    }

    private void AppendRow(Enterprise enterprise, ByteRowBuffer rows)
    {
        AppendIdentifier(enterprise, rows);
        if (_observationDate)
        {
            rows.Append((byte)',');
            rows.Append(QuarterEnds[enterprise.Quarter]);
        }

        foreach (var column in columns)
        {
            rows.Append((byte)',');
            rows.Append(column, enterprise);
        }

        rows.Append((byte)'\n');
    }

    private void AppendIdentifier(Enterprise enterprise, ByteRowBuffer rows)
    {
        Span<byte> code = stackalloc byte[EnterpriseIdentifier.Length];
        enterprise.WriteIdentifier(code);
        if (_publicFaults)
        {
            if (enterprise.Uniform(501) < .003) EnterpriseIdentifier.Corrupt(code);
            else if (enterprise.Uniform(502) < .005) System.Text.Ascii.ToLowerInPlace(code, out _);
        }

        rows.Append(code);
        if (_supplyChainFaults && enterprise.Uniform(504) < .004) rows.Append((byte)' ');
    }
}
