namespace FedLab.Learning;

/// <summary>
/// What is known of a split where its tree was grown. It follows from the sums that the split was chosen by, is no part of the model and
/// stands in no file of it.
/// </summary>
/// <param name="Node">Number of the node in its tree.</param>
/// <param name="Gain">Gain of the split, see <see cref="SplitGain.Evaluate"/>; above 0.</param>
/// <param name="Cover">Sum of the Hessians of the node's rows that are in the tree's sample, XGBoost's cover; above 0.</param>
/// <param name="Rows">
/// Training rows that reach the node, those outside the tree's sample and validation rows among them; null where the rows lie with several
/// holders, whose sums hold no numbers of rows.
/// </param>
public sealed record SplitFigures(int Node, double Gain, double Cover, int? Rows);
