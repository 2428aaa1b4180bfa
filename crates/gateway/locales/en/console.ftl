console-home-title = Cases
console-nav-cases = Cases
console-nav-system = System
