package org.iommu4j.dma;

/**
 * Two observers as one. Thread-safe if they are.
 *
 * @param first is told first
 * @param second is told after it
 */
record HardwareObserverPair(HardwareObserver first, HardwareObserver second)
    implements HardwareObserver {
  @Override
  public HardwareObserver unit(long registersPhys) {
    return first.unit(registersPhys).and(second.unit(registersPhys));
  }

  @Override
  public void requestersInvalidated(Scope scope, int domain, int requester) {
    first.requestersInvalidated(scope, domain, requester);
    second.requestersInvalidated(scope, domain, requester);
  }

  @Override
  public void translationsInvalidated(Scope scope, int domain, long iova, long sizeBytes) {
    first.translationsInvalidated(scope, domain, iova, sizeBytes);
    second.translationsInvalidated(scope, domain, iova, sizeBytes);
  }

  @Override
  public void deviceTlbInvalidated(int requester, long iova, long sizeBytes, boolean answered) {
    first.deviceTlbInvalidated(requester, iova, sizeBytes, answered);
    second.deviceTlbInvalidated(requester, iova, sizeBytes, answered);
  }

  @Override
  public void invalidationsDone() {
    first.invalidationsDone();
    second.invalidationsDone();
  }

  @Override
  public void requesterLookedUp(int requester, boolean found) {
    first.requesterLookedUp(requester, found);
    second.requesterLookedUp(requester, found);
  }

  @Override
  public void walked(int requester, long iova, int entries, long phys) {
    first.walked(requester, iova, entries, phys);
    second.walked(requester, iova, entries, phys);
  }

  @Override
  public void faulted(int requester, long iova, boolean write, String reason, boolean recorded) {
    first.faulted(requester, iova, write, reason, recorded);
    second.faulted(requester, iova, write, reason, recorded);
  }

  @Override
  public void accessed(int requester, long iova, int sizeBytes, boolean write, long phys) {
    first.accessed(requester, iova, sizeBytes, write, phys);
    second.accessed(requester, iova, sizeBytes, write, phys);
  }
}
