using System.Buffers;
using System.Buffers.Binary;

namespace FedLab.Learning;

/// <summary>
/// Training as it stands after a tree: all that is needed to go on from there and to end with the very same model. Immutable.
/// </summary>
public sealed class BoostingState
{
    private const int HeaderLength = 28;

    private const int FinalFlag = 1;

    /// <summary>Says that the figures of the splits follow the model. Checkpoints without them stay readable.</summary>
    private const int SplitsFlag = 2;

    /// <summary>Gain, cover and number of rows.</summary>
    private const int SplitLength = (2 * sizeof(double)) + sizeof(int);

    /// <summary>Stands for a number of rows that nobody knows.</summary>
    private const int RowsUnknown = -1;

    internal BoostingState(
        TreeEnsemble ensemble, ReadOnlyMemory<double> margins, IReadOnlyList<double> validationLosses, ReadOnlyMemory<double> bestMargins, bool isFinal)
    {
        Ensemble = ensemble;
        Margins = margins;
        ValidationLosses = validationLosses;
        BestMargins = bestMargins;
        IsFinal = isFinal;
    }

    /// <summary>The trees so far; after training with early stopping, the trees up to the best one.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>The margin of every training row under <see cref="Ensemble"/>, exactly.</summary>
    public ReadOnlyMemory<double> Margins { get; }

    /// <summary>With early stopping the validation rows' log loss after each tree that was grown, dropped trees included; otherwise empty.</summary>
    public IReadOnlyList<double> ValidationLosses { get; }

    /// <summary>Whether training is over: more trees would not be added.</summary>
    public bool IsFinal { get; }

    /// <summary>With early stopping the margins after the best tree so far; otherwise empty.</summary>
    internal ReadOnlyMemory<double> BestMargins { get; }

    /// <summary>The number of trees with the least validation loss, the first of equals; all trees without early stopping.</summary>
    public int BestTreeCount
    {
        get
        {
            var best = 0;
            for (var i = 1; i < ValidationLosses.Count; i++)
            {
                if (ValidationLosses[i] < ValidationLosses[best])
                    best = i;
            }

            return ValidationLosses.Count == 0 ? Ensemble.Trees.Count : best + 1;
        }
    }

    /// <summary>The whole state, the same bytes for the same state.</summary>
    public byte[] ToBytes()
    {
        // magic, flags, rows, losses, best margins, length of the model; then losses, margins, best margins, model, and where they are
        // known of all trees the figures of the splits. Little-endian.
        var model = Ensemble.ToJson();
        SplitFigures[]? splits = Ensemble.Trees.All(tree => tree.Splits is not null) ? [.. Ensemble.Trees.SelectMany(tree => tree.Splits!)] : null;
        var numbers = ValidationLosses.Count + Margins.Length + BestMargins.Length;
        var buffer = new ArrayBufferWriter<byte>(HeaderLength + (numbers * sizeof(double)) + model.Length + ((splits?.Length ?? 0) * SplitLength));
        buffer.Write(Magic);
        Write(buffer, (IsFinal ? FinalFlag : 0) | (splits is null ? 0 : SplitsFlag));
        Write(buffer, Margins.Length);
        Write(buffer, ValidationLosses.Count);
        Write(buffer, BestMargins.Length);
        Write(buffer, model.Length);
        Write(buffer, [.. ValidationLosses]);
        Write(buffer, Margins.Span);
        Write(buffer, BestMargins.Span);
        buffer.Write(model);
        foreach (var split in splits ?? [])
        {
            Write(buffer, [split.Gain, split.Cover]);
            Write(buffer, split.Rows ?? RowsUnknown);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The state.</param>
    /// <param name="rows">The number of training rows that it must have.</param>
    /// <exception cref="LearningException">The bytes are not such a state, or of another number of rows.</exception>
    public static BoostingState FromBytes(ReadOnlySpan<byte> bytes, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (bytes.Length < HeaderLength || !bytes[..Magic.Length].SequenceEqual(Magic))
            throw Messages.CheckpointMalformed(Messages.Detail.CheckpointStart);
        var flags = ReadInteger(bytes, 0);
        var margins = ReadInteger(bytes, 1);
        var losses = ReadInteger(bytes, 2);
        var best = ReadInteger(bytes, 3);
        var model = ReadInteger(bytes, 4);
        if (margins != rows)
            throw Messages.CheckpointMalformed(Messages.Detail.OtherRows(margins, rows));
        if ((flags & ~(FinalFlag | SplitsFlag)) != 0 || losses is < 0 or > TreeEnsemble.MaximumTrees || best != (losses > 0 ? rows : 0) || model < 0)
            throw Messages.CheckpointMalformed(Messages.Detail.CheckpointHeader);
        var splits = bytes.Length - (HeaderLength + (((long)losses + margins + best) * sizeof(double)) + model);
        if (splits < 0 || ((flags & SplitsFlag) == 0 && splits > 0))
            throw Messages.CheckpointMalformed(Messages.Detail.CheckpointLength);

        var rest = bytes[HeaderLength..];
        var readLosses = ReadNumbers(ref rest, losses);
        var readMargins = ReadNumbers(ref rest, margins);
        var readBest = ReadNumbers(ref rest, best);
        var ensemble = TreeEnsemble.FromJson(rest[..model]);
        if ((flags & SplitsFlag) != 0)
            ensemble = ReadSplits(rest[model..], ensemble, rows);
        var state = new BoostingState(ensemble, readMargins, readLosses, readBest, (flags & FinalFlag) != 0);
        var expected = losses > 0 && state.IsFinal ? state.BestTreeCount : losses;
        return losses == 0 || state.Ensemble.Trees.Count == expected
            ? state
            : throw Messages.CheckpointMalformed(Messages.Detail.CheckpointTrees);
    }

    private static ReadOnlySpan<byte> Magic => "FEDLAB-1"u8;

    private static void Write(ArrayBufferWriter<byte> buffer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(sizeof(int)), value);
        buffer.Advance(sizeof(int));
    }

    private static void Write(ArrayBufferWriter<byte> buffer, ReadOnlySpan<double> values)
    {
        var target = buffer.GetSpan(values.Length * sizeof(double));
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(target[(i * sizeof(double))..], values[i]);
        buffer.Advance(values.Length * sizeof(double));
    }

    private static int ReadInteger(ReadOnlySpan<byte> bytes, int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[(Magic.Length + (index * sizeof(int)))..]);

    private static double[] ReadNumbers(ref ReadOnlySpan<byte> bytes, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
            if (!double.IsFinite(values[i]))
                throw Messages.CheckpointMalformed(Messages.Detail.CheckpointNumbers);
        }

        bytes = bytes[(count * sizeof(double))..];
        return values;
    }

    /// <summary>The model, with the figures of its splits.</summary>
    private static TreeEnsemble ReadSplits(ReadOnlySpan<byte> bytes, TreeEnsemble ensemble, int rows)
    {
        if (bytes.Length != (long)SplitLength * ensemble.Trees.Sum(tree => (long)tree.Nodes.Count(node => !node.IsLeaf)))
            throw Messages.CheckpointMalformed(Messages.Detail.CheckpointLength);
        var trees = new Tree[ensemble.Trees.Count];
        for (var tree = 0; tree < trees.Length; tree++)
        {
            var nodes = ensemble.Trees[tree].Nodes;
            List<SplitFigures> splits = [];
            for (var node = 0; node < nodes.Count; node++)
            {
                if (nodes[node].IsLeaf)
                    continue;
                var numbers = ReadNumbers(ref bytes, 2);
                var reached = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                bytes = bytes[sizeof(int)..];
                if (numbers[0] <= 0 || numbers[1] <= 0 || reached < RowsUnknown || reached > rows)
                    throw Messages.CheckpointMalformed(Messages.Detail.CheckpointSplits);
                splits.Add(new SplitFigures(node, numbers[0], numbers[1], reached == RowsUnknown ? null : reached));
            }

            trees[tree] = new Tree(nodes, splits);
        }

        return new TreeEnsemble(ensemble.BaseMargin, trees);
    }
}
