using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Learning;

namespace FedLab.Federation.Publication;

/// <summary>
/// A node that a model splits, with what the party that grew the trees knows of it: the active party, or between banks every bank. It stands in the party's own
/// report and is sent to nobody; a data source does not know it even of its own splits.
/// </summary>
/// <param name="Tree">Number of the tree, from 0.</param>
/// <param name="Node">Number of the node in the tree.</param>
/// <param name="Party">Who holds the rule; null between banks, where all do.</param>
/// <param name="Record">The number under which the rule is held.</param>
/// <param name="Gain">Gain of the split, see <see cref="SplitGain.Evaluate"/>.</param>
/// <param name="Cover">Sum of the Hessians of the node's rows that are in the tree's sample; between banks over the rows of all of them.</param>
/// <param name="Rows">Training rows that reach the node; null between banks, whose sums hold no numbers of rows.</param>
public sealed record SplitReport(
    int Tree,
    int Node,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Party,
    int Record,
    double Gain,
    double Cover,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Rows)
{
    /// <summary>The splits of a model, tree by tree and level by level.</summary>
    /// <param name="ensemble">The model.</param>
    /// <param name="parties">The holders of the rules in the order of the trees' sources; null between banks.</param>
    /// <returns>Null where the figures of a tree are lost: it comes from a checkpoint of a program that did not keep them.</returns>
    internal static IReadOnlyList<SplitReport>? Of(TreeEnsemble ensemble, IReadOnlyList<string>? parties)
    {
        if (ensemble.Trees.Any(tree => tree.Splits is null)) return null;
        return
        [
            .. ensemble.Trees.SelectMany((tree, number) => tree.Splits!.Select(split =>
            {
                var node = tree.Nodes[split.Node];
                return new SplitReport(number, split.Node, parties?[node.Source], node.Record, split.Gain, split.Cover, split.Rows);
            })),
        ];
    }

    /// <summary>Refuses a list of a report with a hole in it.</summary>
    /// <exception cref="JsonException">A split is null.</exception>
    internal static void Check(IReadOnlyList<SplitReport?>? splits)
    {
        for (var i = 0; i < (splits?.Count ?? 0); i++)
        {
            if (splits![i] is null) throw new JsonException("The split is null.", string.Create(CultureInfo.InvariantCulture, $"$.splits[{i}]"), lineNumber: null, bytePositionInLine: null);
        }
    }
}
