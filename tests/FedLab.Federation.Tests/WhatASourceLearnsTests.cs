using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FedLab.Federation.Alignment;
using FedLab.Federation.Boosting;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan;
using FedLab.Federation.Scoring;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>
/// Rows "alignment" and "vertical trees", column "passive party", of the privacy table. Everything that a source receives in a
/// run is recorded and opened as the source opens it. A simulator that is given the row's grant alone (public sizes; the place
/// of the source's rows in the common order; for each of its taken splits the rows of that node) produces the same bytes,
/// where a message is random (keys, ciphertexts, blinded points, transcript hashes) a fresh one of the same distribution.
/// </summary>
public sealed class WhatASourceLearnsTests
{
    private const string Bank = "bank";
    private const string Source = "register";
    private const int SourceIndex = 1;
    private const int AgreementKeyBytes = 91; // SubjectPublicKeyInfo of P-256

    [Fact]
    public async Task Everything_that_a_source_receives_follows_from_what_the_table_grants_it()
    {
        var data = new RandomEnterprises(77, 500);
        var spec = RandomEnterprises.Spec(("trees", "6"), ("depth", "3"), ("bins", "12"));
        using var lab = new TestLab(spec, data.All);
        var received = await RecordAsync(lab, spec);
        var grant = await GrantAsync(lab, data);
        Assert.True(grant.Splits.Sum(tree => tree.Count) > 4, "the source's splits are too few to prove anything");

        var own = await OwnTablesAsync(lab, spec);
        var simulator = new Simulator(spec, grant, own.Training, PartyShare.Parse((await lab.Stores[Source].LoadAsync(PartyShare.FileName, default))!).Records, received.Where(message => message.Step == Steps.ScanRequest).Select(Nodes));
        foreach (var message in received) simulator.Check(message);
        simulator.AssertNothingIsMissing();
    }

    /// <summary>Runs the lab; the source's side is run on a channel whose messages are kept and opened.</summary>
    private static async Task<IReadOnlyList<Received>> RecordAsync(TestLab lab, ExperimentSpec spec)
    {
        var network = new InMemoryNetwork(spec.Parties.Select(party => party.Name));
        var recorder = new Recorder(network.For(Source));
        var cancellationToken = TestContext.Current.CancellationToken;
        var others = spec.Parties.Where(party => party.Name != Source).Select(party => Task.Run(() => PartyRun.ExecuteAsync(lab.Context(party.Name, 1, network.For(party.Name)), cancellationToken), cancellationToken)).ToArray();
        var channel = new PartyChannel(lab.Context(Source, 1, recorder));
        await using (channel)
        {
            await SourceTraining.RunAsync(lab.Context(Source, 1, recorder), channel, cancellationToken);
            await Task.WhenAll(others);
            return [.. recorder.Taken.Select(envelope =>
            {
                var step = Steps.Find(envelope.Header.Step)!;
                if (step.Class != MessageClass.Sealed) return new Received(step, envelope.Header.Sender, envelope.Payload);
                using var payload = PayloadBuffer.Of(envelope.Payload);
                using var opened = KeysOf(channel).Open(envelope.Header.Sender, step, envelope.Header.Sequence, payload);
                return new Received(step, envelope.Header.Sender, opened.ToArray());
            })];
        }
    }

    /// <summary>What the table grants, from the finished model and not from the messages.</summary>
    private static async Task<Grant> GrantAsync(TestLab lab, RandomEnterprises data)
    {
        var shares = new Dictionary<string, PartyShare>();
        var alignments = new Dictionary<string, AlignmentResult>();
        foreach (var party in data.All.Keys)
        {
            shares.Add(party, PartyShare.Parse((await lab.Stores[party].LoadAsync(PartyShare.FileName, default))!));
            alignments.Add(party, (await AlignmentCheckpoint.LoadAsync(lab.Context(party, 1, null!), default))!);
        }
        string[] sources = [Bank, Source, "platform"];
        var alignment = alignments[Source];
        var tables = sources.ToDictionary(party => party, party => data.All[party].Features.TakeRows(alignments[party].OwnRows));
        bool GoesLeft(Node node, int row)
        {
            var rule = shares[sources[node.Source]].Records[node.Record];
            return rule.GoesLeft(tables[sources[node.Source]][rule.Feature], row);
        }
        List<(int Node, int Record, int[] Rows)> SplitsOf(Tree tree, IEnumerable<int> rows)
        {
            var standing = new Dictionary<int, int[]> { [0] = [.. rows] };
            var splits = new List<(int, int, int[])>();
            for (var i = 0; i < tree.Nodes.Count; i++)
            {
                if (tree.Nodes[i].IsLeaf || !standing.TryGetValue(i, out var here)) continue;
                var node = new Node(tree.Nodes[i].Source, tree.Nodes[i].Record);
                if (node.Source == SourceIndex) splits.Add((i, node.Record, here));
                standing[tree.Nodes[i].Left] = [.. here.Where(row => GoesLeft(node, row))];
                standing[tree.Nodes[i].Right] = [.. here.Where(row => !GoesLeft(node, row))];
            }
            return splits;
        }
        var ensemble = shares[Bank].Ensemble!;
        var test = Enumerable.Range(alignment.TrainingRows, alignment.AlignedRows - alignment.TrainingRows).ToArray();
        return new Grant(
            data.All[Bank].Keys.Count,
            alignment,
            [.. ensemble.Trees.Select(tree => (IReadOnlyList<(int, int[])>)[.. SplitsOf(tree, Enumerable.Range(0, alignment.TrainingRows)).Select(split => (split.Record, split.Rows))])],
            ensemble.Trees.SelectMany(tree => SplitsOf(tree, test)).Where(split => split.Rows.Length > 0).Select(split => (split.Record, Array.ConvertAll(split.Rows, row => row - alignment.TrainingRows))).ToList(),
            ensemble.RecordCount(SourceIndex),
            (await lab.Stores[Bank].LoadAsync(Manifest.FileName, default))!);
    }

    private static async Task<TrainingTables> OwnTablesAsync(TestLab lab, ExperimentSpec spec)
    {
        var context = lab.Context(Source, 1, null!);
        return TrainingTables.Make(context, (await AlignmentCheckpoint.LoadAsync(context, default))!, RunSettings.Parse(spec).Trees, default);
    }

    private static int Nodes(Received message) => BitConverter.ToInt32(message.Content, sizeof(int));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keys")]
    private static extern ref SealingKeys KeysOf(PartyChannel channel);

    private readonly record struct Node(int Source, int Record);

    private sealed record Received(Step Step, string Sender, byte[] Content);

    /// <summary>The grant of the two rows.</summary>
    /// <param name="ActiveKeys">Size of the active party's set.</param>
    /// <param name="Alignment">The place of the source's own rows in the common order, training rows first.</param>
    /// <param name="Splits">For each tree the source's splits in level order: record and rows of the node.</param>
    /// <param name="Reached">For the test rows: which reach each of its splits.</param>
    /// <param name="Records">Number of its records that the model uses.</param>
    /// <param name="Manifest">What is published.</param>
    private sealed record Grant(int ActiveKeys, AlignmentResult Alignment, IReadOnlyList<IReadOnlyList<(int Record, int[] Rows)>> Splits, IReadOnlyList<(int Record, int[] Rows)> Reached, int Records, byte[] Manifest);

    /// <summary>Makes what a source receives out of the grant, and compares.</summary>
    private sealed class Simulator
    {
        private readonly Grant _grant;
        private readonly IReadOnlyList<BinnedFeature> _features;
        private readonly IReadOnlyList<SplitCandidate> _catalogue;
        private readonly IReadOnlyList<SplitRule> _records;
        private readonly Queue<int> _nodes;
        private ScanPlan? _plan;
        private SecretKey? _fresh;
        private readonly TreeParameters _parameters;
        private readonly HashSet<string> _seen = [];
        private readonly HashSet<string> _random = [];
        private readonly List<byte> _real = [], _simulated = [];
        private readonly List<(int Record, int[] Rows)> _asked = [];
        private int _tree, _split;

        public Simulator(ExperimentSpec spec, Grant grant, IReadOnlyList<BinnedFeature> features, IReadOnlyList<SplitRule> records, IEnumerable<int> nodes)
        {
            (_grant, _features, _records, _nodes) = (grant, features, records, new Queue<int>(nodes));
            _parameters = RunSettings.Parse(spec).Trees;
            _catalogue = CandidateCatalogue.Enumerate([.. features.Select(feature => feature.Bins)]);
        }

        private ScanPlan Plan => _plan ?? throw new InvalidOperationException("A scan came before its setup.");

        public void Check(Received message)
        {
            _seen.Add(message.Step.Name);
            var reader = new MessageReader(new ReadOnlySequence<byte>(message.Content), message.Step.Name);
            if (message.Step == Steps.Hello)
            {
                Assert.Equal(Hello.ProtocolVersion, reader.Int32());
                Fresh32(reader.Bytes(512, "key"), AgreementKeyBytes);
                Assert.Empty(reader.Bytes(16, "alignment"));
                Assert.Equal(0, reader.Int32());
            }
            else if (message.Step == Steps.Resume)
            {
                using var expected = new Resume(true, 0, []).ToPayload();
                Assert.Equal(expected.ToArray(), message.Content);
                return;
            }
            else if (message.Step == Steps.AlignmentPoints)
            {
                // Points under a scalar that is thrown away, in an order that is: fresh and distinct, as many as there are keys.
                Assert.Equal(Bank, reader.Text(128, "owner"));
                Assert.Equal(_grant.ActiveKeys, reader.Int32());
                for (var i = 0; i < _grant.ActiveKeys; i++) Fresh32(reader.Slice(32).ToArray(), 32);
            }
            else if (message.Step == Steps.AlignmentOrder)
            {
                // The source shuffled its list by coins of its own; up to these the message is the grant.
                Fresh32(reader.Bytes(16, "identifier"), 16);
                Assert.Equal(_grant.Alignment.TrainingRows, reader.Int32());
                Assert.Equal(_grant.Alignment.AlignedRows, reader.Int32());
                var places = new int[_grant.Alignment.AlignedRows];
                for (var i = 0; i < places.Length; i++) places[i] = reader.Int32();
                Assert.Equal(places.Length, places.Distinct().Count());
            }
            else if (message.Step == Steps.LinkProbe)
            {
                Assert.True(message.Content.All(value => value == 0));
                return;
            }
            else if (message.Step == Steps.ScanSetup)
            {
                CheckSetup(message.Content);
                return;
            }
            else if (message.Step == Steps.ScanRequest)
            {
                // Encryptions of zero under a fresh key: the same head, the same length, bytes that cannot be told apart.
                var nodes = _nodes.Dequeue();
                using var zero = ScanRequest.Encrypt(Plan, new SymmetricEncryptor(_fresh!), Zero(), [.. Enumerable.Range(0, nodes).Select(node => new ScanNode(node, Array.Empty<int>()))], 1, default);
                var simulated = zero.ToArray();
                Assert.Equal(simulated.Length, message.Content.Length);
                Assert.Equal(simulated[..8], message.Content[..8]);
                _real.AddRange(message.Content[8..]);
                _simulated.AddRange(simulated[8..]);
                return;
            }
            else if (message.Step == Steps.SplitRequest)
            {
                CheckSplits(message.Content);
                return;
            }
            else if (message.Step == Steps.TreeFinished)
            {
                var last = _tree == _grant.Splits.Count;
                if (!last) Assert.Equal(_grant.Splits[_tree].Count, _split);
                Assert.Equal(last ? _tree : ++_tree, reader.Int32());
                var transcript = reader.Bytes(32, "transcript");
                if (!last) Fresh32(transcript, 32);
                Assert.Equal(last ? 1 : 0, reader.Int32());
                Assert.Equal(last ? _grant.Records : 0, reader.Int32());
                _split = 0;
            }
            else if (message.Step == Steps.ScoreRequest)
            {
                _asked.AddRange(ScoreMessages.Read(new ReadOnlySequence<byte>(message.Content), _grant.Records, _grant.Alignment.AlignedRows).Select(question => (question.Record, question.Rows)));
                return;
            }
            else
            {
                Assert.Equal(Steps.Manifest, message.Step);
                Assert.Equal(_grant.Manifest, message.Content);
                return;
            }
            reader.End();
        }

        public void AssertNothingIsMissing()
        {
            Step[] expected = [Steps.Hello, Steps.Resume, Steps.AlignmentPoints, Steps.AlignmentOrder, Steps.LinkProbe, Steps.ScanSetup, Steps.ScanRequest, Steps.SplitRequest, Steps.TreeFinished, Steps.ScoreRequest, Steps.Manifest];
            Assert.Equal(expected.Select(step => step.Name).Order(), _seen.Order());
            Assert.Equal(Lines(_grant.Reached), Lines(_asked));
            Assert.InRange(Distance(_real, _simulated), 0, 400); // χ² with 255 degrees of freedom is above 400 once in 10^8 times

            static string[] Lines(IEnumerable<(int Record, int[] Rows)> questions) => [.. questions.Select(question => $"{question.Record}: {string.Join(',', question.Rows)}").Order()];
        }

        private static double Distance(List<byte> real, List<byte> simulated)
        {
            var counts = new double[2, 256];
            foreach (var value in real) counts[0, value]++;
            foreach (var value in simulated) counts[1, value]++;
            var sum = 0.0;
            for (var value = 0; value < 256; value++)
            {
                if (counts[0, value] + counts[1, value] > 0) sum += Math.Pow(counts[0, value] - counts[1, value], 2) / (counts[0, value] + counts[1, value]);
            }
            return sum;
        }

        private void CheckSetup(byte[] content)
        {
            var reader = new MessageReader(new ReadOnlySequence<byte>(content), "setup");
            var plan = ScanPlan.Read(ref reader, _grant.Alignment.TrainingRows);
            // The numbers follow from the number of rows and the settings; only the packing weighs in the line and the candidates.
            var quantizer = new BoostingTrainer(_parameters).QuantizerFor(_grant.Alignment.TrainingRows);
            Assert.Equal(Math.Max(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum), plan.MaximumSum);
            Assert.Equal(_grant.Alignment.TrainingRows, plan.Rows);
            _plan = plan;
            var lattice = new LatticeContext(plan.Parameters);
            _fresh = SecretKey.Generate(lattice, 2 * plan.NodesPerMask);
            // A public key is a seed and noise: a fresh one is as good.
            Assert.Equal(PublicKey.SerializedSize(lattice, 2 * plan.NodesPerMask), reader.Remaining);
        }

        private TreeGradients Zero()
        {
            var quantizer = new BoostingTrainer(_parameters).QuantizerFor(Plan.Rows);
            return new TreeGradients(_tree, new long[Plan.Rows], new long[Plan.Rows], quantizer);
        }

        /// <summary>The nodes' rows are the grant, byte by byte. The candidates are named by the places that the source's own coins gave them.</summary>
        private void CheckSplits(byte[] content)
        {
            var reader = new MessageReader(new ReadOnlySequence<byte>(content), "split");
            var count = reader.Int32();
            var expected = new PayloadBuffer();
            var writer = new MessageWriter(expected);
            writer.Int32(count);
            for (var i = 0; i < count; i++)
            {
                var places = new int[reader.VarInt()];
                for (var c = 0; c < places.Length; c++) places[c] = (int)reader.VarInt();
                reader.Bits(Plan.Rows);
                var (_, rows) = _grant.Splits[_tree][_split++];
                Assert.Equal(places.Length, places.Distinct().Count());
                var same = SameSides(rows, _grant.Splits[_tree][_split - 1].Record);
                Assert.Equal(same, places.Length);
                writer.VarInt((uint)places.Length);
                foreach (var place in places) writer.VarInt((uint)place);
                var member = new bool[Plan.Rows];
                foreach (var row in rows) member[row] = true;
                writer.Bits(member);
            }
            using (expected) Assert.Equal(expected.ToArray(), content);
        }

        /// <summary>
        /// Number of own candidates that part a node's rows as a record does: these are tied and named together. Candidates that part
        /// the rows differently can be tied by coincidence, which docs/privacy.md says; these seeded data hold no such case.
        /// </summary>
        private int SameSides(int[] rows, int record)
        {
            var taken = Sides(_catalogue.Single(candidate => candidate.ToRule(_features[candidate.FeatureIndex].Bins).ToString() == _records[record].ToString()));
            return _catalogue.Count(candidate => Sides(candidate).SequenceEqual(taken) || Sides(candidate).SequenceEqual(taken.Select(left => !left)));

            bool[] Sides(SplitCandidate candidate) => [.. rows.Select(row => candidate.GoesLeft(_features[candidate.FeatureIndex].Codes.Span[row]))];
        }

        private void Fresh32(byte[] value, int length)
        {
            Assert.Equal(length, value.Length);
            Assert.True(_random.Add(Convert.ToHexString(value)), "what must be fresh came twice");
        }
    }

    /// <summary>A transport that keeps what it delivers.</summary>
    private sealed class Recorder(IEnvelopeTransport inner) : IEnvelopeTransport
    {
        public ConcurrentQueue<(EnvelopeHeader Header, byte[] Payload)> Taken { get; } = [];

        public ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken) => inner.SendAsync(envelope, cancellationToken);

        public async ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken)
        {
            var envelope = await inner.ReceiveAsync(cancellationToken);
            Taken.Enqueue((envelope.Header, envelope.Payload.ToArray()));
            return envelope;
        }
    }
}
