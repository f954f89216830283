using System.Buffers.Binary;
using System.Text;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>Row "coordinator" of the privacy table: sizes and counts, nothing else.</summary>
public sealed class WhatTheCoordinatorSeesTests
{
    private const double Canary = 31415926.535897932;
    private const string KeyCanary = "CANARYKEY";
    private const string CategoryCanary = "canary-category";

    [Fact]
    public async Task No_value_key_category_or_threshold_is_found_in_anything_that_passes_and_every_class_is_the_steps()
    {
        var random = new RandomEnterprises(41, 400);
        var marked = random.All.ToDictionary(party => party.Key, party => Mark(party.Value));
        using var lab = new TestLab(RandomEnterprises.Spec(("trees", "4"), ("depth", "3"), ("bins", "16")), marked);

        await lab.RunAsync(1, TestContext.Current.CancellationToken);

        var needles = Needles(marked).ToArray();
        Assert.True(lab.Relayed.Count > 50);
        foreach (var (header, payload) in lab.Relayed)
        {
            Assert.Equal(Steps.Find(header.Step)!.Class, header.Class);
            foreach (var needle in needles) Assert.True(payload.AsSpan().IndexOf(needle) < 0, $"A canary stands in a message of step '{header.Step}'.");
        }
        // The search itself finds what is there: the shares that the parties keep hold canaries.
        var kept = lab.Stores.Values.SelectMany(store => store.Names.Select(name => store.LoadAsync(name, default).AsTask().GetAwaiter().GetResult()!));
        Assert.Contains(kept, file => needles.Any(needle => file.AsSpan().IndexOf(needle) >= 0));
    }

    [Fact]
    public async Task The_length_of_a_message_tells_how_many_nodes_are_scanned_or_split_and_nothing_of_who_is_in_them()
    {
        var random = new RandomEnterprises(42, 400);
        using var lab = new TestLab(RandomEnterprises.Spec(("trees", "3"), ("depth", "4"), ("bins", "8")), random.All);

        await lab.RunAsync(1, TestContext.Current.CancellationToken);

        var report = Publication.RunReport.Parse(await lab.Stores["bank"].LoadAsync(Publication.RunReport.FileName, default));
        const int sealingTag = 16;
        var answerOfOneSplit = 4 + (report.TrainingRows + 7) / 8;
        var answers = lab.Relayed.Where(message => message.Header.Step == Steps.SplitAnswer.Name).ToArray();
        Assert.NotEmpty(answers);
        Assert.All(answers, message => Assert.Equal(0, (message.Header.Length - sealingTag) % answerOfOneSplit));
        // One node more costs the same bytes whoever is in it, so all lengths lie on one line.
        var requests = lab.Relayed.Where(message => message.Header.Step == Steps.ScanRequest.Name).Select(message => message.Header.Length).Distinct().Order().ToArray();
        Assert.True(requests.Length > 1);
        Assert.All(requests, length => Assert.Equal(0, (length - requests[0]) % (requests[1] - requests[0])));
    }

    private static PartyData Mark(PartyData data) => data with
    {
        Keys = [.. data.Keys.Select(key => KeyCanary + key)],
        Features = new Table([.. data.Features.Columns.Select(Mark)]),
    };

    private static Column Mark(Column column) => column switch
    {
        NumericColumn numeric => new NumericColumn(column.Name, [.. numeric.Values.ToArray().Select(value => value + Canary)]),
        CategoricalColumn categorical => new CategoricalColumn(column.Name, [.. categorical.Categories.Select(category => CategoryCanary + category)], categorical.Codes.ToArray()),
        _ => column,
    };

    private static IEnumerable<byte[]> Needles(IReadOnlyDictionary<string, PartyData> data)
    {
        yield return Encoding.UTF8.GetBytes(KeyCanary);
        yield return Encoding.UTF8.GetBytes(CategoryCanary);
        yield return "3141592"u8.ToArray();
        foreach (var value in data.Values.SelectMany(party => party.Features.Columns).OfType<NumericColumn>().SelectMany(column => column.Values.ToArray()).Where(double.IsFinite).Distinct().Take(500))
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            yield return bytes[..];
            BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
            yield return bytes;
        }
    }
}
