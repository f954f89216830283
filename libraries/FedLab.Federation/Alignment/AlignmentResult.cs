using FedLab.Federation.Wire;

namespace FedLab.Federation.Alignment;

/// <summary>Where a party's own rows stand in the common order that all parties of a run share.</summary>
/// <param name="Identifier">Random 16 bytes that the active party chose: equal at all parties when they hold the same order.</param>
/// <param name="TrainingRows">The first rows of the order are training rows; the rest are test rows.</param>
/// <param name="OwnRows">For each position the party's own row, or -1 where an optional source does not know the enterprise.</param>
public sealed record AlignmentResult(byte[] Identifier, int TrainingRows, int[] OwnRows)
{
    /// <summary>Length of the identifier in bytes.</summary>
    public const int IdentifierLength = 16;

    /// <summary>Length of the common order.</summary>
    public int AlignedRows => OwnRows.Length;

    /// <summary>Writes the result for a checkpoint.</summary>
    internal void Write(MessageWriter writer)
    {
        writer.Bytes(Identifier);
        writer.Int32(TrainingRows);
        writer.Int32(OwnRows.Length);
        foreach (var row in OwnRows) writer.Int32(row);
    }

    /// <summary>Reads a result of a checkpoint or a message.</summary>
    internal static AlignmentResult Read(ref MessageReader reader, int ownRowCount)
    {
        var identifier = reader.Bytes(IdentifierLength, "identifier");
        if (identifier.Length != IdentifierLength) throw ProtocolErrors.OrderIdentifierLength();
        var trainingRows = reader.Int32();
        var length = reader.Int32(0, (int)Math.Min(int.MaxValue, reader.Remaining / sizeof(int)), "aligned rows");
        if (trainingRows < 0 || trainingRows > length) throw ProtocolErrors.OrderTrainingRows(trainingRows, length);
        var rows = new int[length];
        var seen = new bool[ownRowCount];
        for (var i = 0; i < length; i++)
        {
            rows[i] = reader.Int32(-1, ownRowCount - 1, "own row");
            if (rows[i] < 0) continue;
            if (seen[rows[i]]) throw ProtocolErrors.OwnRowTwice(rows[i]);
            seen[rows[i]] = true;
        }
        return new AlignmentResult(identifier, trainingRows, rows);
    }
}
