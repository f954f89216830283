namespace FedLab.Proto;

/// <summary>What the frames of both directions of a session have in common: their number and the acknowledgement they carry.</summary>
public interface INumberedFrame
{
    /// <summary>Number of the frame in its direction, from 1; 0 for a greeting or a mere acknowledgement.</summary>
    ulong Sequence { get; set; }

    /// <summary>Number up to which the sender of this frame needs nothing again.</summary>
    ulong Acknowledged { get; set; }
}

public sealed partial class ParticipantFrame : INumberedFrame;

public sealed partial class CoordinatorFrame : INumberedFrame;
