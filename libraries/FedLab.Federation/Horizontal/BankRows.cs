using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>A bank's own rows as learners take them: the columns of the dictionary, the labels, and numbers by which rows are sampled.</summary>
/// <param name="Features">The columns, conformed to the dictionary.</param>
/// <param name="Labels">0 or 1 for every row.</param>
/// <param name="Identities">A number for every row, the same whatever the order.</param>
public sealed record BankRows(Table Features, byte[] Labels, ulong[] Identities)
{
    /// <summary>The training and the test rows of a bank.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="unknown">Number of texts that are no category of the dictionary; they count as missing.</param>
    /// <exception cref="ProtocolException">The data lack the label.</exception>
    /// <exception cref="LearningException">A column of the dictionary is missing or of the other kind.</exception>
    internal static (BankRows Training, BankRows Test) Split(PartyRunContext context, out int unknown)
    {
        var labels = context.Data.Labels ?? throw ProtocolErrors.LabelMissing(context.Identity.Name);
        var table = FeatureDefinition.Conform(context.Data.Features, context.Spec.Features!, out unknown);
        var isTest = context.Data.TestRows ?? RowIdentity.TestFold(context.Data.Keys, context.Spec.Test);
        return (Take(false), Take(true));

        BankRows Take(bool test)
        {
            int[] rows = [.. Enumerable.Range(0, isTest.Length).Where(row => isTest[row] == test)];
            return new BankRows(table.TakeRows(rows), Array.ConvertAll(rows, row => labels[row]), Array.ConvertAll(rows, row => RowIdentity.Of(context.Data.Keys[row])));
        }
    }
}
