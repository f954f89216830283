namespace FedLab.Coordinator.State;

/// <summary>The state database cannot be used; the message says why and what to do.</summary>
internal sealed class LabStoreException(string message, Exception? innerException = null) : Exception(message, innerException);
