using FedLab.Federation.Channels;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Boosting;

/// <summary>Tells the sources that a tree is finished.</summary>
/// <param name="Trees">Number of finished trees.</param>
/// <param name="Transcript">Hash chain over the trees, keyed by a secret of the active party: equal at all parties, and says nothing.</param>
/// <param name="Last">True when the training is over.</param>
/// <param name="Records">With <paramref name="Last"/>: how many of the source's records the model uses; early stopping may drop the last trees.</param>
internal sealed record TreeFinished(int Trees, byte[] Transcript, bool Last, int Records)
{
    public PayloadBuffer ToPayload()
    {
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(Trees);
        writer.Bytes(Transcript);
        writer.Int32(Last ? 1 : 0);
        writer.Int32(Records);
        return payload;
    }

    public static TreeFinished FromPayload(PayloadBuffer payload)
    {
        var reader = new MessageReader(payload.AsSequence(), LabMessages.MessageNamed(Steps.TreeFinished.Name));
        var finished = new TreeFinished(reader.Int32(0, int.MaxValue, "trees"), reader.Bytes(32, "transcript"), reader.Int32(0, 1, "last") == 1, reader.Int32(0, int.MaxValue, "records"));
        reader.End();
        return finished;
    }
}
