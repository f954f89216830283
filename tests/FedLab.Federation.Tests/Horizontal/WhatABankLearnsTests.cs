using System.IO.Compression;
using FedLab.Federation.Channels;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Runs;

namespace FedLab.Federation.Tests.Horizontal;

/// <summary>
/// The row of the privacy table: the coordinator learns sizes and the number of rounds, a bank the sums over all banks. Held by dealing the same customers to the other banks in another way:
/// what the coordinator and a bank see stays the same, up to fresh encryption.
/// </summary>
public sealed class WhatABankLearnsTests
{
    private const string Observer = "bank-0";

    [Theory]
    [InlineData("trees")]
    [InlineData("logistic")]
    public async Task A_bank_cannot_tell_which_other_bank_has_which_customers(string model)
    {
        var spec = Banks.Spec(4, model, model == "trees" ? [("trees", "3")] : []);
        var data = Banks.Data(150, 200, 120, 90);
        var dealt = Deal(data);
        using var one = new TestLab(spec, data);
        using var other = new TestLab(spec, dealt);
        await one.RunAsync(1, TestContext.Current.CancellationToken);
        await other.RunAsync(1, TestContext.Current.CancellationToken);

        // All that reaches the bank in the clear are sums: those of its log, to which its share of each is known.
        var (first, second) = (await SumsAsync(one), await SumsAsync(other));
        Assert.Equal(first.Select(sum => (sum.Round, sum.Values.Length)), second.Select(sum => (sum.Round, sum.Values.Length)));
        foreach (var (left, right) in first.Zip(second))
        {
            // A logistic bank rounds the sum of its own rows once a value.
            foreach (var (a, b) in left.Values.Zip(right.Values)) Assert.InRange(Math.Abs((double)a - b), 0, model == "trees" ? 0 : Math.Max(1 << 12, 1e-9 * Math.Abs((double)a)));
        }
        Assert.Equal(Received(one), Received(other));
    }

    [Fact]
    public async Task The_coordinator_sees_the_same_sizes_whoever_has_the_customers()
    {
        var spec = Banks.Spec(3, "trees", ("trees", "3"));
        var data = Banks.Data(150, 200, 120);
        using var one = new TestLab(spec, data);
        using var other = new TestLab(spec, Deal(data));
        await one.RunAsync(1, TestContext.Current.CancellationToken);
        await other.RunAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal(Passed(one), Passed(other));

        static IEnumerable<string> Passed(TestLab lab) => lab.Relayed.Select(item => $"{item.Header.Step} {item.Header.Sender} {item.Header.Receiver} {item.Header.Class} {item.Header.Length}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Contributions_are_ciphertext_and_shares_sealed_and_neither_repeats_for_equal_values()
    {
        var spec = Banks.Spec(3, "trees", ("trees", "3"));
        using var one = new TestLab(spec, Banks.Data(150, 200, 120));
        using var again = new TestLab(spec, Banks.Data(150, 200, 120));
        await one.RunAsync(1, TestContext.Current.CancellationToken);
        await again.RunAsync(1, TestContext.Current.CancellationToken);

        var blocks = new HashSet<(ulong, ulong)>();
        foreach (var lab in new[] { one, again })
        {
            foreach (var (header, payload) in lab.Relayed.Where(item => item.Header.Step == Steps.SumPart.Name || item.Header.Step == Steps.SumShare.Name))
            {
                Assert.Equal(header.Step == Steps.SumPart.Name ? MessageClass.Ciphertext : MessageClass.Sealed, header.Class);
                using var packed = new MemoryStream();
                using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) deflate.Write(payload);
                Assert.InRange(packed.Length, 0.98 * payload.Length, double.MaxValue);
                for (var start = 8; start + 16 <= payload.Length; start += 16) Assert.True(blocks.Add((BitConverter.ToUInt64(payload, start), BitConverter.ToUInt64(payload, start + 8))));
            }
        }
    }

    [Fact]
    public async Task What_is_public_has_the_same_length_for_a_bank_of_ten_rows_and_one_of_a_thousand()
    {
        using var lab = new TestLab(Banks.Spec(3, "trees", ("trees", "3")), Banks.Data(10, 1000, 300));
        await lab.RunAsync(1, TestContext.Current.CancellationToken);
        foreach (var step in lab.Relayed.GroupBy(item => (item.Header.Step, item.Header.Sequence, IsBroadcast: item.Header.Receiver == EnvelopeHeader.Everyone)))
            Assert.Single(step.Select(item => item.Header.Length).Distinct());
        Assert.DoesNotContain(lab.Relayed, item => item.Header.Class == MessageClass.Public && item.Header.Step is not ("bank.hello" or "key.share" or "sum.total" or "bank.signature"));
    }

    [Fact]
    public async Task The_progress_that_the_coordinator_is_told_holds_no_figure_of_the_model()
    {
        var told = new List<RunProgress>();
        using var lab = new TestLab(Banks.Spec(3, "logistic"), Banks.Data(150, 200, 120)) { OnProgress = (_, progress) => { lock (told) told.Add(progress); } };
        await lab.RunAsync(1, TestContext.Current.CancellationToken);
        Assert.All(told, progress => Assert.True(progress.Detail is null || progress.Detail == SumPlanning.PlanOf(lab.Spec).Describe()));
    }

    private static async Task<List<KnownSum>> SumsAsync(TestLab lab)
    {
        var log = await SumLog.OpenAsync(lab.Context(Observer, 2, null!), TestContext.Current.CancellationToken);
        return [.. Enumerable.Range(0, log.Count).Select(index => log[index])];
    }

    private static IEnumerable<string> Received(TestLab lab) =>
        lab.Journals[Observer].Incoming.GroupBy(header => header.Sender).OrderBy(group => group.Key, StringComparer.Ordinal).SelectMany(group => group.Select(header => $"{header.Sender} {header.Step} {header.Class} {header.Length}"));

    /// <summary>The customers of all banks but the observer, dealt to them in turn; keys, and with them the test rows, go along.</summary>
    private static Dictionary<string, PartyData> Deal(IReadOnlyDictionary<string, PartyData> data)
    {
        var others = data.Keys.Where(name => name != Observer).Order(StringComparer.Ordinal).ToArray();
        var pool = Banks.Pool(others.ToDictionary(name => name, name => data[name], StringComparer.Ordinal));
        var dealt = new Dictionary<string, PartyData>(StringComparer.Ordinal) { [Observer] = data[Observer] };
        for (var bank = 0; bank < others.Length; bank++)
        {
            int[] rows = [.. Enumerable.Range(0, pool.Keys.Count).Where(row => row % others.Length == bank)];
            dealt[others[bank]] = TestLab.MakeData([.. rows.Select(row => pool.Keys[row])], pool.Features.TakeRows(rows), [.. rows.Select(row => pool.Labels![row])]);
        }
        return dealt;
    }
}
